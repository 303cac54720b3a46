import { useTranslation } from "react-i18next";
import type { NewApiKey } from "@/shared/api/inside";
import { Button, Notice } from "@/shared/ui";
import { CopyField, Snippet } from "@/shared/ui/copy";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { curlOf } from "./scopes";

interface ApiKeySecretProps {
  made: NewApiKey;
  onClose: () => void;
}

/** The one time that a key is shown: nothing but its button closes it. */
export function ApiKeySecret({ made, onClose }: ApiKeySecretProps) {
  const { t } = useTranslation("workspace");
  return (
    <Dialog
      isOpen
      isAlert
      isHeld
      size="md"
      title={t("key_made", { name: made.name })}
      onClose={onClose}
    >
      <div className="flex flex-col gap-5">
        <Notice tone="warning">{t("key_once")}</Notice>
        <CopyField label={t("key_secret")} value={made.secret ?? ""} />
        <Snippet label={t("key_try")} text={curlOf(location.origin, made.scopes)} />
      </div>
      <DialogActions>
        <Button onPress={onClose}>{t("key_kept")}</Button>
      </DialogActions>
    </Dialog>
  );
}
