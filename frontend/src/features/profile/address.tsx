import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Profile, useSendVerificationMutation } from "@/shared/api/entrance";
import { useUpdateMeMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Badge, Button, Card, Field, Notice } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { CurrentPassword } from "./password-fields";

const EMAIL_MOST = 320;

export function Address({ user }: { user: Profile }) {
  const { t } = useTranslation("profile");
  const [isChanging, setChanging] = useState(false);
  return (
    <Section title={t("email")} lead={t("email_lead")}>
      <Card className="flex flex-wrap items-center justify-between gap-4 p-5">
        <p className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-medium">{user.email}</span>
          {user.email_verified ? (
            <Badge tone="success">{t("verified")}</Badge>
          ) : (
            <Badge tone="warning">{t("unverified")}</Badge>
          )}
        </p>
        <div className="flex flex-wrap gap-3">
          {!user.email_verified && <Verify email={user.email} />}
          <Button variant="secondary" onPress={() => setChanging(true)}>
            {t("email_change")}
          </Button>
        </div>
      </Card>
      {isChanging && <Change onClose={() => setChanging(false)} />}
    </Section>
  );
}

function Verify({ email }: { email: string }) {
  const { t } = useTranslation("profile");
  const textOf = useProblemText();
  const [send, { isLoading }] = useSendVerificationMutation();
  const ask = async () => {
    const { error } = await send({ emailOnly: { email } });
    if (error) notify.error(t("verify_failed"), { description: textOf(error) });
    else notify.success(t("verify_sent", { email }), { description: t("verify_sent_next") });
  };
  return (
    <Button variant="secondary" isPending={isLoading} onPress={() => void ask()}>
      {t("verify")}
    </Button>
  );
}

/** Counts once the mail to the new address was answered: until then the old one stands. */
function Change({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["profile", "common"]);
  const [update] = useUpdateMeMutation();
  const { form, refusal, isPending } = useSubmit<"email" | "current_password">(
    async ({ email, current_password }) => {
      const profilePatch = { email, current_password: current_password || null };
      const { data, error } = await update({ profilePatch });
      if (data) {
        notify.success(t("email_sent", { email }), { description: t("email_sent_next") });
        onClose();
      }
      return { error };
    },
  );
  return (
    <Dialog isOpen title={t("email_change")} onClose={onClose}>
      <Form {...form} className="flex flex-col gap-5">
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        <Field
          name="email"
          type="email"
          autoFocus
          autoComplete="email"
          maxLength={EMAIL_MOST}
          label={t("email_new")}
          hint={t("email_new_hint")}
          validate={(text) => (/^\s*\S+@\S+\s*$/.test(text) ? null : t("email_missing"))}
        />
        <CurrentPassword name="current_password" />
        <DialogActions>
          <Button variant="secondary" onPress={onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" isPending={isPending}>
            {t("email_send")}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
