export { Form } from "../ui/form";
export { useSubmit } from "./use-submit";
