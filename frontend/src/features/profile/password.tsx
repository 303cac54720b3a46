import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Profile } from "@/shared/api/entrance";
import { useChangePasswordMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Card, Notice } from "@/shared/ui";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";
import { CurrentPassword, NewPassword } from "./password-fields";

export function Password({ user }: { user: Profile }) {
  const { t } = useTranslation("profile");
  const [changes, setChanges] = useState(0);
  return (
    <Section title={t("password")} lead={t("password_lead")}>
      <Card className="p-5">
        <PasswordForm key={changes} email={user.email} onDone={() => setChanges(changes + 1)} />
      </Card>
    </Section>
  );
}

function PasswordForm({ email, onDone }: { email: string; onDone: () => void }) {
  const { t } = useTranslation("profile");
  const [change] = useChangePasswordMutation();
  const { form, refusal, isPending } = useSubmit<"current_password" | "new_password">(
    async ({ current_password, new_password }) => {
      const passwordChange = { new_password, current_password: current_password || null };
      const { error } = await change({ passwordChange });
      if (!error) {
        notify.success(t("password_changed"), { description: t("password_changed_next") });
        onDone();
      }
      return { error };
    },
  );
  return (
    <Form {...form} className="flex flex-col gap-5">
      {refusal && <Notice tone="danger">{refusal}</Notice>}
      {/* By it a password manager knows whose password this is. */}
      <input type="text" autoComplete="username" value={email} readOnly hidden />
      <CurrentPassword name="current_password" />
      <NewPassword />
      <div>
        <Button variant="secondary" type="submit" isPending={isPending}>
          {t("password_change")}
        </Button>
      </div>
    </Form>
  );
}
