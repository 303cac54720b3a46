import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiKey, type NewApiKey, useRotateApiKeyMutation } from "@/shared/api/inside";
import { Button } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { Select } from "@/shared/ui/select";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";

/** For how long the old secret lives on beside the new one, in seconds. */
const GRACES = ["0", "3600", "86400"] as const;
type Grace = (typeof GRACES)[number];

interface RotateDialogProps {
  apiKey: ApiKey;
  onMade: (key: NewApiKey) => void;
  onClose: () => void;
}

export function RotateDialog({ apiKey, onMade, onClose }: RotateDialogProps) {
  const { t } = useTranslation(["workspace", "common"]);
  const textOf = useProblemText();
  const [grace, setGrace] = useState<Grace>("3600");
  const [rotate, { isLoading }] = useRotateApiKeyMutation();
  const replace = async () => {
    const body = { grace_seconds: Number(grace) };
    const { data, error } = await rotate({ keyId: apiKey.id, body });
    onClose();
    if (data) onMade(data);
    else notify.error(t("key_rotate_failed"), { description: textOf(error) });
  };
  return (
    <Dialog isOpen title={t("key_rotate_title", { name: apiKey.name })} onClose={onClose}>
      <div className="flex flex-col gap-5">
        <p className="text-soft">{t("key_rotate_means")}</p>
        <Select
          label={t("key_grace")}
          hint={grace === "0" ? t("key_grace_none_hint") : t("key_grace_hint")}
          choices={GRACES.map((id) => ({ id, name: t(`key_grace_${id}`) }))}
          value={grace}
          onChange={setGrace}
        />
      </div>
      <DialogActions>
        <Button variant="secondary" onPress={onClose}>
          {t("common:cancel")}
        </Button>
        <Button isPending={isLoading} onPress={() => void replace()}>
          {t("key_rotate")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
