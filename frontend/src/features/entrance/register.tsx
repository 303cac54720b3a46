import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useRegisterMutation } from "@/shared/api/entrance";
import { Form, useSubmit } from "@/shared/forms";
import { paths } from "@/shared/paths";
import { Button, TextLink } from "@/shared/ui";
import { useEnter, useWay } from "./enter";
import { EmailField, NameField, NewPasswordField } from "./fields";
import { Frame } from "./frame";
import { ProviderLink } from "./provider-link";

function useRegister() {
  const [register] = useRegisterMutation();
  const enter = useEnter();
  const navigate = useNavigate();
  const way = useWay();
  return useSubmit<"full_name" | "email" | "password">(async (values) => {
    const { data, error } = await register({ register: values });
    if (data && "access_token" in data) enter(data.access_token);
    else if (data) void navigate(way(paths.verify), { state: { email: values.email } });
    return { error };
  });
}

export function Register() {
  const { t } = useTranslation("entrance");
  const { form, refusal, isPending } = useRegister();
  const way = useWay();
  return (
    <Frame
      title={t("register")}
      lead={t("register_lead")}
      refusal={refusal}
      ways={
        <p>
          {t("have_account")} <TextLink to={way(paths.login)}>{t("log_in")}</TextLink>
        </p>
      }
    >
      <Form {...form} className="flex flex-col gap-5">
        <NameField />
        <EmailField />
        <NewPasswordField label={t("password")} />
        <Button type="submit" isPending={isPending}>
          {t("register")}
        </Button>
      </Form>
      <ProviderLink />
    </Frame>
  );
}
