import { useTranslation } from "react-i18next";
import { Field } from "@/shared/ui";

const PASSWORD_LEAST = 15;
const PASSWORD_MOST = 128;
const EMAIL_MOST = 320;
const NAME_MOST = 200;
const CODE_MOST = 40;

// Shapes only, for an answer at once; the rules are the server's.

export function EmailField() {
  const { t } = useTranslation("entrance");
  return (
    <Field
      name="email"
      type="email"
      autoComplete="username"
      maxLength={EMAIL_MOST}
      label={t("email")}
      validate={(text) => (/^\s*\S+@\S+\s*$/.test(text) ? null : t("error_email"))}
    />
  );
}

export function PasswordField() {
  const { t } = useTranslation("entrance");
  return (
    <Field
      name="password"
      type="password"
      autoComplete="current-password"
      label={t("password")}
      validate={(text) => (text ? null : t("error_required"))}
    />
  );
}

export function NewPasswordField({ label }: { label: string }) {
  const { t } = useTranslation("entrance");
  return (
    <Field
      name="password"
      type="password"
      autoComplete="new-password"
      maxLength={PASSWORD_MOST}
      label={label}
      hint={t("password_hint")}
      validate={(text) => (text.length < PASSWORD_LEAST ? t("error_password") : null)}
    />
  );
}

export function NameField() {
  const { t } = useTranslation("entrance");
  return (
    <Field
      name="full_name"
      autoComplete="name"
      maxLength={NAME_MOST}
      label={t("name")}
      validate={(text) => (text.trim() ? null : t("error_required"))}
    />
  );
}

export function CodeField() {
  const { t } = useTranslation("entrance");
  return (
    <Field
      name="code"
      autoFocus
      autoComplete="one-time-code"
      spellCheck="false"
      maxLength={CODE_MOST}
      label={t("code")}
      hint={t("code_hint")}
      validate={(text) => (text.trim() ? null : t("error_required"))}
    />
  );
}
