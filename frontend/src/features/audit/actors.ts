import { useTranslation } from "react-i18next";
import type { AuditActor } from "@/shared/api/inside";
import { useAllApiKeysQuery, useAllMembersQuery } from "@/shared/api/whole-lists";
import { useSession } from "@/shared/session";

/** Entries hold ids: the names of those who are still there. */
export function useActors() {
  const { t } = useTranslation("audit");
  const { workspace } = useSession();
  const { data: members } = useAllMembersQuery(workspace?.id ?? "", { skip: !workspace });
  const { data: keys } = useAllApiKeysQuery();
  const choices = [
    ...(members ?? []).map(({ user_id, full_name, email }) => ({
      id: user_id,
      name: full_name || email,
    })),
    ...(keys ?? []).map(({ id, name }) => ({ id, name: t("key_named", { name }) })),
  ];
  const names = new Map(choices.map(({ id, name }) => [id, name]));
  const nameOf = ({ kind, id }: AuditActor): string => {
    if (kind === "system" || kind === "local") return t(`actor_${kind}`);
    return names.get(id) ?? id;
  };
  return { choices, nameOf };
}
