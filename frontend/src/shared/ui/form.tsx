import { type ComponentProps, createContext } from "react";

/** What was refused, by the names of the fields. */
export const RefusedContext = createContext<Record<string, string>>({});

interface FormProps extends ComponentProps<"form"> {
  validationErrors: Record<string, string>;
}

/** A form of fields that say themselves what is wrong with them. */
export function Form({ validationErrors, ...props }: FormProps) {
  return (
    <RefusedContext value={validationErrors}>
      <form {...props} />
    </RefusedContext>
  );
}
