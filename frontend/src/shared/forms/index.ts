export { Form } from "react-aria-components/Form";
export { useSubmit } from "./use-submit";
