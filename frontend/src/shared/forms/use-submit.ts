import { type FormEvent, useState } from "react";
import { fieldErrors, problemOf } from "@/shared/api";
import { useProblemText } from "../use-problem-text";

/** What an endpoint's trigger gives. */
type Outcome = { error?: unknown } | undefined;

function valuesOf(form: HTMLFormElement): Record<string, string> {
  const entries = [...new FormData(form)].map(([name, value]) => {
    const text = String(value);
    return [name, name.includes("password") ? text : text.trim()];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/**
 * Send a form of shared/ui fields, once they hold what they should. What the API says about a field
 * goes to that field; anything else is `refusal`. `send` gives an error that nobody has dealt with.
 */
export function useSubmit<Name extends string>(
  send: (values: Record<Name, string>) => Promise<Outcome>,
) {
  const [refusal, setRefusal] = useState("");
  const [validationErrors, setErrors] = useState<Record<string, string>>({});
  const [isPending, setPending] = useState(false);
  const textOf = useProblemText();

  const refuse = (error: unknown, values: Record<string, string>) => {
    const found = Object.entries(fieldErrors(problemOf(error))).filter(([name]) => name in values);
    if (found.length === 0) setRefusal(textOf(error));
    else setErrors(Object.fromEntries(found));
  };
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isPending) return;
    const values = valuesOf(event.currentTarget);
    setRefusal("");
    setPending(true);
    const error = (await send(values))?.error;
    setPending(false);
    if (error) refuse(error, values);
  };
  return { form: { onSubmit, validationErrors }, refusal, isPending };
}
