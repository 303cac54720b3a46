import { useTranslation } from "react-i18next";
import { useRemoveTotpMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Notice } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { notify } from "@/shared/ui/toast";
import { CodeField, CurrentPassword } from "./password-fields";

/** Six digits are of the authenticator; anything else is a recovery code. */
function codeOf(text: string): { code: string } | { recovery_code: string } {
  const plain = text.replace(/\s/g, "");
  return /^\d{6}$/.test(plain) ? { code: plain } : { recovery_code: text };
}

export function TurnOff({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["profile", "common"]);
  const [remove] = useRemoveTotpMutation();
  const { form, refusal, isPending } = useSubmit<"password" | "code">(
    async ({ password, code }) => {
      const factorRemoval = { ...codeOf(code), password: password || null };
      const { error } = await remove({ factorRemoval });
      if (!error) {
        notify.success(t("factor_off"), { description: t("factor_off_next") });
        onClose();
      }
      return { error };
    },
  );
  return (
    <Dialog isOpen title={t("factor_turn_off_ask")} onClose={onClose}>
      <Form {...form} className="flex flex-col gap-5">
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        <p className="text-soft">{t("factor_off_means")}</p>
        <CurrentPassword name="password" />
        <CodeField label={t("code")} hint={t("code_or_recovery_hint")} />
        <DialogActions>
          <Button variant="secondary" onPress={onClose}>
            {t("common:cancel")}
          </Button>
          <Button variant="danger" type="submit" isPending={isPending}>
            {t("factor_turn_off")}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
