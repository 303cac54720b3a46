import { useTranslation } from "react-i18next";
import type { Profile } from "@/shared/api/entrance";
import { useUpdateMeMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Card, Field, Notice } from "@/shared/ui";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";

const NAME_MOST = 200;

export function About({ user }: { user: Profile }) {
  const { t } = useTranslation(["profile", "common"]);
  const [update] = useUpdateMeMutation();
  const { form, refusal, isPending } = useSubmit<"full_name">(async (profilePatch) => {
    const { data, error } = await update({ profilePatch });
    if (data) notify.success(t("name_saved"), { description: t("name_saved_next") });
    return { error };
  });
  return (
    <Section title={t("name")} lead={t("name_lead")}>
      <Card className="p-5">
        <Form {...form} className="flex flex-col items-start gap-5">
          {refusal && <Notice tone="danger">{refusal}</Notice>}
          <Field
            name="full_name"
            autoComplete="name"
            maxLength={NAME_MOST}
            defaultValue={user.full_name}
            label={t("full_name")}
            className="w-full"
            validate={(text) => (text.trim() ? null : t("name_missing"))}
          />
          <Button type="submit" isPending={isPending}>
            {t("common:save")}
          </Button>
        </Form>
      </Card>
    </Section>
  );
}
