import { type RefObject, use, useEffect, useRef, useState } from "react";
import { RefusedContext } from "./form";

type Control = HTMLInputElement | HTMLTextAreaElement;

export type Validate = (value: string) => string | null | undefined;

/** The first field that holds a form up takes the focus. */
function isFirstWrong(control: Control): boolean {
  const controls = [...(control.form?.elements ?? [control])];
  const isWrong = (one: Element) => "validity" in one && !(one as Control).validity.valid;
  return controls.find(isWrong) === control;
}

/**
 * What is wrong with a field, in its own place and not in the browser's bubble: what the browser
 * finds, what `validate` finds, what the API said. It is said when the field is left or the form is
 * sent, and taken back as soon as it holds no more.
 */
export function useValidity(
  control: RefObject<Control | null>,
  name?: string,
  validate?: Validate,
) {
  const [shown, show] = useState("");
  const refused = use(RefusedContext);
  const refusal = useRef("");

  const check = () => {
    const problem = refusal.current || (control.current && validate?.(control.current.value));
    control.current?.setCustomValidity(problem || "");
    return control.current?.validationMessage ?? "";
  };
  useEffect(() => void check()); // as what it is checked against may be another

  useEffect(() => {
    refusal.current = (name && refused[name]) || "";
    control.current?.setCustomValidity(refusal.current);
    show(refusal.current);
    if (refusal.current && control.current && isFirstWrong(control.current))
      control.current.focus();
  }, [refused, name, control]);

  useEffect(() => {
    const element = control.current;
    if (!element) return;
    const onInvalid = (event: Event) => {
      event.preventDefault();
      show(element.validationMessage);
      if (isFirstWrong(element)) element.focus();
    };
    element.addEventListener("invalid", onInvalid);
    return () => element.removeEventListener("invalid", onInvalid);
  }, [control]);

  return {
    shown,
    onTyped: () => {
      refusal.current = "";
      const problem = check();
      show((before) => (before ? problem : ""));
    },
    onLeft: () => show(check()),
  };
}
