import { useTranslation } from "react-i18next";
import type { Role } from "@/shared/session";
import { Card } from "@/shared/ui";

/** Weakest first, as in docs/workspaces.md: each may do what those before it may. */
export const ROLES = ["viewer", "editor", "admin", "owner"] as const satisfies readonly Role[];
export const INVITED_ROLES = ["viewer", "editor", "admin"] as const;

/** The names of roles, as choices. */
export function useRoleChoices<Some extends Role>(roles: readonly Some[]) {
  const { t } = useTranslation("workspace");
  return roles.map((id) => ({ id, name: t(`role_${id as Role}`) }));
}

/** Whose roles one may give and take: owners everyone's, admins all but owners', the others none. */
export function managedBy(role: Role): readonly Role[] {
  if (role === "owner") return ROLES;
  return role === "admin" ? INVITED_ROLES : [];
}

export function RolesExplained() {
  const { t } = useTranslation("workspace");
  return (
    <section aria-labelledby="roles">
      <h2 id="roles" className="mb-3 text-lg font-semibold">
        {t("roles")}
      </h2>
      <Card className="p-5">
        <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
          {ROLES.map((role) => (
            <div key={role}>
              <dt className="font-medium">{t(`role_${role}`)}</dt>
              <dd className="text-sm text-soft">{t(`role_${role}_may`)}</dd>
            </div>
          ))}
        </dl>
      </Card>
    </section>
  );
}
