import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiKey, type NewApiKey, useRevokeApiKeyMutation } from "@/shared/api/inside";
import { useAllMembersQuery } from "@/shared/api/whole-lists";
import { useFormat } from "@/shared/i18n/use-format";
import { useSession } from "@/shared/session";
import { Badge, Button } from "@/shared/ui";
import { ConfirmDialog } from "@/shared/ui/confirm-dialog";
import { Menu, MenuItem } from "@/shared/ui/menu";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { RotateDialog } from "./rotate-dialog";
import { textKeyOf } from "./scopes";

interface ApiKeyRowProps {
  apiKey: ApiKey;
  onMade: (key: NewApiKey) => void;
}

/** Only its maker may give it a new secret, for it acts as that person; any admin may end it. */
export function ApiKeyRow({ apiKey, onMade }: ApiKeyRowProps) {
  const { t } = useTranslation("workspace");
  const { user } = useSession();
  const [asking, setAsking] = useState<"nothing" | "rotate" | "revoke">("nothing");
  const close = () => setAsking("nothing");
  return (
    <li className="flex items-start gap-3 p-4">
      <About apiKey={apiKey} />
      <Menu
        aria-label={t("key_deeds", { name: apiKey.name })}
        trigger={
          <Button variant="quiet" size="icon" aria-label={t("key_deeds", { name: apiKey.name })}>
            <Ellipsis aria-hidden className="size-4" />
          </Button>
        }
      >
        {apiKey.created_by === user?.id && (
          <MenuItem onAction={() => setAsking("rotate")}>{t("key_rotate")}</MenuItem>
        )}
        <MenuItem isDanger onAction={() => setAsking("revoke")}>
          {t("key_revoke")}
        </MenuItem>
      </Menu>
      {asking === "rotate" && <RotateDialog apiKey={apiKey} onMade={onMade} onClose={close} />}
      {asking === "revoke" && <Revoke apiKey={apiKey} onClose={close} />}
    </li>
  );
}

function About({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation("workspace");
  const format = useFormat();
  const { workspace } = useSession();
  const { data: members } = useAllMembersQuery(workspace?.id ?? "", { skip: !workspace });
  const maker = members?.find(({ user_id }) => user_id === apiKey.created_by);
  const { expires_at, last_used_at } = apiKey;
  const isExpired = expires_at !== null && Date.parse(expires_at) <= Date.now();
  return (
    <div className="min-w-0 flex-1">
      <p className="flex flex-wrap items-center gap-2 font-medium">
        {apiKey.name}
        <code className="rounded-sm bg-sunken px-1.5 py-0.5 font-mono text-xs font-normal text-soft">
          {apiKey.hint}…
        </code>
        {isExpired && <Badge tone="danger">{t("key_expired")}</Badge>}
      </p>
      <ul aria-label={t("scopes")} className="mt-1.5 flex flex-wrap gap-1.5">
        {apiKey.scopes.map((scope) => (
          <li key={scope}>
            <Badge>{t(textKeyOf(scope))}</Badge>
          </li>
        ))}
      </ul>
      <p className="mt-1.5 text-sm text-soft">
        {last_used_at ? t("key_used", { when: format.ago(last_used_at) }) : t("key_unused")}
        {" · "}
        {expires_at && !isExpired && t("key_expires", { when: format.date(expires_at) })}
        {expires_at && isExpired && t("key_expired_at", { when: format.date(expires_at) })}
        {!expires_at && t("key_never_expires")}
      </p>
      <p className="text-xs text-faint">
        {t("key_created", {
          when: format.date(apiKey.created_at),
          who: maker?.full_name ?? t("key_maker_gone"),
        })}
      </p>
    </div>
  );
}

function Revoke({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation("workspace");
  const textOf = useProblemText();
  const [revoke, { isLoading }] = useRevokeApiKeyMutation();
  const { name } = apiKey;
  const end = async () => {
    const { error } = await revoke({ keyId: apiKey.id });
    onClose();
    if (error) notify.error(t("key_revoke_failed"), { description: textOf(error) });
    else notify.success(t("key_revoked", { name }), { description: t("key_revoked_next") });
  };
  return (
    <ConfirmDialog
      isOpen
      title={t("key_revoke_ask", { name })}
      action={t("key_revoke")}
      isPending={isLoading}
      onConfirm={() => void end()}
      onClose={onClose}
    >
      {t("key_revoke_means")}
    </ConfirmDialog>
  );
}
