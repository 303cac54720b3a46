export { Badge, Notice, type Tone } from "./badge";
export { Button, type ButtonProps } from "./button";
export { classes } from "./classes";
export { Field, type FieldProps } from "./field";
export { LinkButton, TextLink } from "./link-button";
export { Card, Page, useTitle } from "./page";
export { Loading, Skeleton } from "./skeleton";
export { EmptyState, ErrorState, NoResultState } from "./states";
export { Table } from "./table";
export { Tooltip } from "./tooltip";
// Heavier ones, each with an overlay, are imported by file: dialog, confirm-dialog, menu, select,
// search-field, tabs, toast.
