import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { saveFile } from "@/shared/api/download";
import { Button, Notice } from "@/shared/ui";
import { CopyButton } from "@/shared/ui/copy";
import { DialogActions } from "@/shared/ui/dialog";

const FILE = "chatsphere-recovery-codes.txt";

interface RecoveryCodesProps {
  codes: readonly string[];
  onClose: () => void;
}

export function RecoveryCodes({ codes, onClose }: RecoveryCodesProps) {
  const { t } = useTranslation("profile");
  const text = codes.join("\n");
  const download = () => saveFile(new Blob([`${text}\n`], { type: "text/plain" }), FILE);
  return (
    <div className="flex flex-col gap-5">
      <Notice tone="warning">{t("recovery_text")}</Notice>
      <ul
        aria-label={t("recovery_title")}
        className="grid gap-x-6 gap-y-2 rounded-md border border-line bg-sunken p-4 font-mono text-sm sm:grid-cols-2"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-3">
        <CopyButton text={text} label={t("recovery_copy")} />
        <Button variant="secondary" onPress={download}>
          <Download aria-hidden className="size-4" />
          {t("recovery_download")}
        </Button>
      </div>
      <DialogActions>
        <Button onPress={onClose}>{t("recovery_kept")}</Button>
      </DialogActions>
    </div>
  );
}
