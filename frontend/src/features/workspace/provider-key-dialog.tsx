import { useTranslation } from "react-i18next";
import { type ProviderCredentials, useSetProviderCredentialsMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Field, Notice } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { notify } from "@/shared/ui/toast";
import { nameOf } from "./providers";

interface ProviderKeyDialogProps {
  provider: string;
  /** What it replaces. */
  before: ProviderCredentials | undefined;
  onClose: () => void;
}

function useSet(provider: string, onClose: () => void) {
  const { t } = useTranslation("workspace");
  const [set] = useSetProviderCredentialsMutation();
  return useSubmit<"api_key" | "base_url">(async ({ api_key, base_url }) => {
    const credentialsInput = { api_key, base_url: base_url || null };
    const { data, error } = await set({ provider, credentialsInput });
    if (data) {
      const name = nameOf(provider);
      notify.success(t("key_saved", { name }), { description: t("key_saved_next") });
      onClose();
    }
    return { error };
  });
}

/** The key goes one way: nothing shows it again. */
export function ProviderKeyDialog({ provider, before, onClose }: ProviderKeyDialogProps) {
  const { t } = useTranslation(["workspace", "common"]);
  const { form, refusal, isPending } = useSet(provider, onClose);
  const name = nameOf(provider);
  return (
    <Dialog
      isOpen
      title={before ? t("replace_key_of", { name }) : t("set_key_of", { name })}
      onClose={onClose}
    >
      <Form {...form} className="flex flex-col gap-5">
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        <Field
          name="api_key"
          type="password"
          autoFocus
          autoComplete="off"
          label={t("key")}
          hint={t("key_hint")}
          validate={(text) => (text.trim() ? null : t("key_missing"))}
        />
        <Field
          name="base_url"
          type="url"
          inputMode="url"
          autoComplete="off"
          defaultValue={before?.base_url ?? ""}
          label={t("base_url")}
          placeholder={t("base_url_example")}
          hint={t("base_url_hint", { name })}
        />
        <DialogActions>
          <Button variant="secondary" onPress={onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" isPending={isPending}>
            {before ? t("replace_key") : t("set_key")}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
