import { useTranslation } from "react-i18next";
import { Field } from "@/shared/ui";

const PASSWORD_LEAST = 15;
const PASSWORD_MOST = 128;
const CODE_MOST = 40;

/** May stay empty: who logs in with a provider has none, and the server knows who does. */
export function CurrentPassword({ name }: { name: "current_password" | "password" }) {
  const { t } = useTranslation("profile");
  return (
    <Field
      name={name}
      type="password"
      autoComplete="current-password"
      label={t("password_current")}
      hint={t("password_current_hint")}
    />
  );
}

export function NewPassword() {
  const { t } = useTranslation("profile");
  return (
    <Field
      name="new_password"
      type="password"
      autoComplete="new-password"
      maxLength={PASSWORD_MOST}
      label={t("password_new")}
      hint={t("password_new_hint")}
      validate={(text) => (text.length < PASSWORD_LEAST ? t("password_short") : null)}
    />
  );
}

export function CodeField({ label, hint }: { label: string; hint: string }) {
  const { t } = useTranslation("profile");
  return (
    <Field
      name="code"
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={CODE_MOST}
      label={label}
      hint={hint}
      validate={(text) => (text.trim() ? null : t("code_missing"))}
    />
  );
}
