import { useTranslation } from "react-i18next";
import { useForgotPasswordMutation } from "@/shared/api/entrance";
import { Form, useSubmit } from "@/shared/forms";
import { paths } from "@/shared/paths";
import { Button, Notice, TextLink } from "@/shared/ui";
import { EmailField } from "./fields";
import { Frame } from "./frame";

export function Forgot() {
  const { t } = useTranslation("entrance");
  const [forget, { isSuccess }] = useForgotPasswordMutation();
  const { form, refusal, isPending } = useSubmit<"email">((emailOnly) => forget({ emailOnly }));
  return (
    <Frame
      title={t("forgot_title")}
      lead={t("forgot_lead")}
      refusal={refusal}
      ways={<TextLink to={paths.login}>{t("back_to_login")}</TextLink>}
    >
      {isSuccess && <Notice tone="success">{t("forgot_sent")}</Notice>}
      <Form {...form} className="flex flex-col gap-5">
        <EmailField />
        <Button type="submit" isPending={isPending}>
          {t("send_link")}
        </Button>
      </Form>
    </Frame>
  );
}
