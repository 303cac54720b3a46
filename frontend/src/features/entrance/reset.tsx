import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useResetPasswordMutation } from "@/shared/api/entrance";
import { Form, useSubmit } from "@/shared/forms";
import { paths } from "@/shared/paths";
import { Button, TextLink } from "@/shared/ui";
import { NewPasswordField } from "./fields";
import { Frame } from "./frame";
import { useSecret } from "./secret";

export function Reset() {
  const { t } = useTranslation("entrance");
  const token = useSecret();
  const navigate = useNavigate();
  const [reset] = useResetPasswordMutation();
  const { form, refusal, isPending } = useSubmit<"password">(async ({ password }) => {
    const { error } = await reset({ passwordReset: { token, password } });
    if (!error) void navigate(paths.login, { state: { said: "password_set" } });
    return { error };
  });
  return (
    <Frame
      title={t("reset_title")}
      lead={t("reset_lead")}
      refusal={refusal || (token ? "" : t("link_incomplete"))}
      ways={<TextLink to={paths.forgot}>{t("another_link")}</TextLink>}
    >
      <Form {...form} className="flex flex-col gap-5">
        <NewPasswordField label={t("new_password")} />
        <Button type="submit" isPending={isPending} isDisabled={!token}>
          {t("set_password")}
        </Button>
      </Form>
    </Frame>
  );
}
