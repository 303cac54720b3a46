import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrors, problemOf } from "@/shared/api";
import { type NewApiKey, useCreateApiKeyMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Field, Notice } from "@/shared/ui";
import { Checkbox, CheckboxGroup } from "@/shared/ui/checkbox";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { Select } from "@/shared/ui/select";
import { SCOPES, type Scope, textKeyOf } from "./scopes";

const NAME_MOST = 100;
const DAY_MS = 86_400_000;
const LIVES = ["30", "90", "365", "never"] as const;
type Life = (typeof LIVES)[number];

const expiryOf = (life: Life): string | null =>
  life === "never" ? null : new Date(Date.now() + Number(life) * DAY_MS).toISOString();

interface NewApiKeyDialogProps {
  onMade: (key: NewApiKey) => void;
  onClose: () => void;
}

function useNewKey({ onMade, onClose }: NewApiKeyDialogProps) {
  const { t } = useTranslation("workspace");
  const [scopes, setScopes] = useState<Scope[]>(["chat"]);
  const [life, setLife] = useState<Life>("90");
  const [scopesError, setScopesError] = useState("");
  const [create] = useCreateApiKeyMutation();
  const submit = useSubmit<"name">(async ({ name }) => {
    setScopesError(scopes.length === 0 ? t("scopes_missing") : "");
    if (scopes.length === 0) return undefined;
    const apiKeyInput = { name, scopes, expires_at: expiryOf(life) };
    const { data, error } = await create({ apiKeyInput });
    if (data) {
      onMade(data);
      onClose();
    }
    setScopesError(fieldErrors(problemOf(error)).scopes ?? "");
    return { error };
  });
  return { ...submit, scopes, setScopes, scopesError, life, setLife };
}

export function NewApiKeyDialog(props: NewApiKeyDialogProps) {
  const { t } = useTranslation(["workspace", "common"]);
  const { form, refusal, isPending, ...key } = useNewKey(props);
  return (
    <Dialog isOpen size="md" title={t("key_create")} onClose={props.onClose}>
      <Form {...form} className="flex flex-col gap-5">
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        <Field
          name="name"
          autoFocus
          autoComplete="off"
          maxLength={NAME_MOST}
          label={t("name")}
          placeholder={t("key_name_example")}
          validate={(text) => (text.trim() ? null : t("key_name_missing"))}
        />
        <CheckboxGroup
          label={t("scopes")}
          error={key.scopesError}
          value={key.scopes}
          onChange={(chosen) => key.setScopes(SCOPES.filter((scope) => chosen.includes(scope)))}
        >
          <div className="grid gap-3 sm:grid-cols-2">
            {SCOPES.map((scope) => (
              <Checkbox key={scope} value={scope} hint={t(`${textKeyOf(scope)}_may`)}>
                {t(textKeyOf(scope))}
              </Checkbox>
            ))}
          </div>
        </CheckboxGroup>
        <Select
          label={t("key_life")}
          hint={t("key_life_hint")}
          choices={LIVES.map((id) => ({ id, name: t(`key_life_${id}`) }))}
          value={key.life}
          onChange={key.setLife}
        />
        <DialogActions>
          <Button variant="secondary" onPress={props.onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" isPending={isPending}>
            {t("key_create")}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
