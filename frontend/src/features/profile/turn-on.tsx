import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDispatch } from "react-redux";
import { api as entrance } from "@/shared/api/entrance";
import { type Enrolment, useConfirmTotpMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Notice } from "@/shared/ui";
import { CopyField } from "@/shared/ui/copy";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { CodeField } from "./password-fields";
import { QrCode } from "./qr-code";
import { RecoveryCodes } from "./recovery-codes";

interface TurnOnProps {
  enrolment: Enrolment;
  onClose: () => void;
}

/** Scan, confirm by a code, keep the recovery codes: they are shown this once, so nothing else closes it. */
export function TurnOn({ enrolment, onClose }: TurnOnProps) {
  const { t } = useTranslation("profile");
  const [codes, setCodes] = useState<string[] | null>(null);
  return (
    <Dialog
      isOpen
      isAlert
      isHeld={codes !== null}
      size="md"
      title={codes ? t("recovery_title") : t("factor_set_up")}
      onClose={onClose}
    >
      {codes ? (
        <RecoveryCodes codes={codes} onClose={onClose} />
      ) : (
        <Confirm enrolment={enrolment} onConfirmed={setCodes} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface ConfirmProps extends TurnOnProps {
  onConfirmed: (codes: string[]) => void;
}

function Confirm({ enrolment, onConfirmed, onClose }: ConfirmProps) {
  const { t } = useTranslation(["profile", "common"]);
  const dispatch = useDispatch();
  const [confirm] = useConfirmTotpMutation();
  const { form, refusal, isPending } = useSubmit<"code">(async ({ code }) => {
    const { data, error } = await confirm({ factorCode: { code: code.replace(/\s/g, "") } });
    if (data) {
      dispatch(entrance.util.invalidateTags(["Accounts"]));
      onConfirmed(data.recovery_codes);
    }
    return { error };
  });
  return (
    <Form {...form} className="flex flex-col gap-5">
      {refusal && <Notice tone="danger">{refusal}</Notice>}
      <p className="text-soft">{t("factor_scan")}</p>
      <div className="flex flex-wrap items-start gap-5">
        <QrCode text={enrolment.otpauth_url} label={t("factor_qr")} />
        <div className="flex min-w-48 flex-1 flex-col items-start gap-4">
          <CopyField label={t("factor_secret")} value={enrolment.secret} />
          <a
            href={enrolment.otpauth_url}
            className="font-medium text-accent underline underline-offset-3 hover:text-accent-hover"
          >
            {t("factor_open")}
          </a>
        </div>
      </div>
      <CodeField label={t("code")} hint={t("code_hint")} />
      <DialogActions>
        <Button variant="secondary" onPress={onClose}>
          {t("common:cancel")}
        </Button>
        <Button type="submit" isPending={isPending}>
          {t("factor_turn_on")}
        </Button>
      </DialogActions>
    </Form>
  );
}
