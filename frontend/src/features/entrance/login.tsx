import { useTranslation } from "react-i18next";
import { useDispatch } from "react-redux";
import { useLocation, useNavigate } from "react-router";
import { problemOf } from "@/shared/api";
import { useLoginMutation } from "@/shared/api/entrance";
import { Form, useSubmit } from "@/shared/forms";
import { paths } from "@/shared/paths";
import { secondFactorAsked } from "@/shared/session";
import { Button, Notice, TextLink } from "@/shared/ui";
import { useEnter, useWay } from "./enter";
import { EmailField, PasswordField } from "./fields";
import { Frame } from "./frame";
import { ProviderLink } from "./provider-link";
import { useSecret } from "./secret";

/** What a log-in may lead to beside a session. */
function useElsewhere() {
  const dispatch = useDispatch();
  const navigate = useNavigate();
  const way = useWay();
  return (error: unknown, email: string): boolean => {
    const problem = problemOf(error);
    if (problem?.code === "second_factor_required") {
      dispatch(secondFactorAsked(problem.challenge ?? null));
      void navigate(way(paths.secondFactor));
      return true;
    }
    if (problem?.code !== "email_not_verified") return false;
    void navigate(way(paths.verify), { state: { email } });
    return true;
  };
}

function useLogin() {
  const [logIn] = useLoginMutation();
  const enter = useEnter();
  const elsewhere = useElsewhere();
  return useSubmit<"email" | "password">(async (login) => {
    const { data, error } = await logIn({ login });
    if (data) enter(data.access_token);
    return elsewhere(error, login.email) ? undefined : { error };
  });
}

/** Why the provider's log-in came to nothing; its code is in the fragment. */
function useRefusalOfProvider(): string {
  const { t } = useTranslation("entrance");
  const code = useSecret();
  if (!code) return "";
  return code === "account_exists" ? t("oidc_account_exists") : t("oidc_refused");
}

export function Login() {
  const { t } = useTranslation("entrance");
  const { form, refusal, isPending } = useLogin();
  const way = useWay();
  const refused = useRefusalOfProvider();
  const said = (useLocation().state as { said?: "password_set" | "email_confirmed" } | null)?.said;
  return (
    <Frame
      title={t("log_in")}
      lead={t("log_in_lead")}
      refusal={refusal || refused}
      ways={
        <>
          <p>
            {t("no_account")} <TextLink to={way(paths.register)}>{t("register")}</TextLink>
          </p>
          <p>
            <TextLink to={paths.forgot}>{t("forgot")}</TextLink>
          </p>
        </>
      }
    >
      {said && !refusal && !refused && <Notice tone="success">{t(said)}</Notice>}
      <Form {...form} className="flex flex-col gap-5">
        <EmailField />
        <PasswordField />
        <Button type="submit" isPending={isPending}>
          {t("log_in")}
        </Button>
      </Form>
      <ProviderLink />
    </Frame>
  );
}
