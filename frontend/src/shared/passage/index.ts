import { late } from "../ui/late";
import type { PassagePanelProps } from "./passage-panel";

/** Fetched with the first passage that is opened. */
export const PassagePanel = late<PassagePanelProps>(() =>
  import("./passage-panel").then((m) => m.PassagePanel),
);
