import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Conversation, useRenameConversationMutation } from "@/shared/api/inside";
import { Button, Field } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { useProblemText } from "@/shared/use-problem-text";

export interface RenameDialogProps {
  conversation: Conversation;
  onClose: () => void;
}

export function RenameDialog({ conversation, onClose }: RenameDialogProps) {
  const { t } = useTranslation(["playground", "common"]);
  const textOf = useProblemText();
  const [title, setTitle] = useState(conversation.title);
  const [rename, { isLoading, error }] = useRenameConversationMutation();
  const save = async () => {
    const conversationPatch = { title: title.trim() };
    const sent = await rename({ conversationId: conversation.id, conversationPatch });
    if (!sent.error) onClose();
  };
  return (
    <Dialog isOpen title={t("rename_title")} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field
          autoFocus
          label={t("name")}
          maxLength={1000}
          value={title}
          onChange={setTitle}
          error={error && textOf(error)}
        />
        <DialogActions>
          <Button variant="secondary" onPress={onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" isPending={isLoading}>
            {t("rename")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
