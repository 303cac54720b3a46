import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FeedbackPut } from "@/shared/api/inside";
import { REASONS, type Reason } from "@/shared/chat/reasons";
import { Button, Field } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { Select } from "@/shared/ui/select";

export interface WhyDialogProps {
  onClose: () => void;
  onSend: (said: FeedbackPut) => Promise<void>;
}

/** Why an answer did not help; what is said is optional. */
export function WhyDialog({ onClose, onSend }: WhyDialogProps) {
  const { t } = useTranslation(["playground", "chat", "common"]);
  const [reason, setReason] = useState<Reason | null>(null);
  const [comment, setComment] = useState("");
  const send = () => {
    onClose();
    void onSend({ rating: "down", reason, comment: comment.trim() || null });
  };
  return (
    <Dialog isOpen title={t("why_title")} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Select
          label={t("why_reason")}
          choices={REASONS.map((id) => ({ id, name: t(`chat:reason_${id}`) }))}
          value={reason}
          onChange={setReason}
        />
        <Field
          label={t("why_comment")}
          rows={3}
          maxLength={2000}
          value={comment}
          onChange={setComment}
        />
        <DialogActions>
          <Button variant="secondary" onPress={onClose}>
            {t("why_skip")}
          </Button>
          <Button type="submit">{t("why_send")}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
