import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { useLoginWithSecondFactorMutation } from "@/shared/api/entrance";
import { Form, useSubmit } from "@/shared/forms";
import { paths } from "@/shared/paths";
import { selectChallenge, type WithSession } from "@/shared/session";
import { Button, TextLink } from "@/shared/ui";
import { codeOf, useEnter, useWay } from "./enter";
import { CodeField } from "./fields";
import { Frame } from "./frame";

/** After a password, with its challenge in memory; after a provider, with it in a cookie. */
export function SecondFactor() {
  const { t } = useTranslation("entrance");
  const challenge = useSelector((state: WithSession) => selectChallenge(state));
  const [logIn] = useLoginWithSecondFactorMutation();
  const enter = useEnter();
  const way = useWay();
  const { form, refusal, isPending } = useSubmit<"code">(async ({ code }) => {
    const secondFactorLogin = { ...codeOf(code), ...(challenge && { challenge }) };
    const { data, error } = await logIn({ secondFactorLogin });
    if (data) enter(data.access_token);
    return { error };
  });
  return (
    <Frame
      title={t("second_factor")}
      lead={t("second_factor_lead")}
      refusal={refusal}
      ways={<TextLink to={way(paths.login)}>{t("back_to_login")}</TextLink>}
    >
      <Form {...form} className="flex flex-col gap-5">
        <CodeField />
        <Button type="submit" isPending={isPending}>
          {t("continue")}
        </Button>
      </Form>
    </Frame>
  );
}
