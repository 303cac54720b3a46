import { useTranslation } from "react-i18next";
import { useDispatch, useSelector } from "react-redux";
import { codeOf } from "@/features/entrance/enter";
import { CodeField, PasswordField } from "@/features/entrance/fields";
import { problemOf } from "@/shared/api";
import { useLoginMutation, useLoginWithSecondFactorMutation } from "@/shared/api/entrance";
import { Form, useSubmit } from "@/shared/forms";
import {
  secondFactorAsked,
  selectChallenge,
  sessionBegan,
  tellTabs,
  type WithSession,
} from "@/shared/session";
import { Button, Notice } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";

interface Props {
  email: string;
  /** To the log-in, which knows every way in. What was typed is lost then. */
  onElsewhere: () => void;
}

function useBegin() {
  const dispatch = useDispatch();
  return (accessToken: string) => {
    dispatch(sessionBegan(accessToken));
    tellTabs("session-began");
  };
}

function usePassword(email: string) {
  const dispatch = useDispatch();
  const begin = useBegin();
  const [logIn] = useLoginMutation();
  return useSubmit<"password">(async ({ password }) => {
    const { data, error } = await logIn({ login: { email, password } });
    if (data) begin(data.access_token);
    const problem = problemOf(error);
    if (problem?.code !== "second_factor_required") return { error };
    dispatch(secondFactorAsked(problem.challenge ?? null));
    return undefined;
  });
}

function useCode(challenge: string | null) {
  const begin = useBegin();
  const [logIn] = useLoginWithSecondFactorMutation();
  return useSubmit<"code">(async ({ code }) => {
    const secondFactorLogin = { ...codeOf(code), ...(challenge && { challenge }) };
    const { data, error } = await logIn({ secondFactorLogin });
    if (data) begin(data.access_token);
    return { error };
  });
}

/** Over the screen that a session ended on: it stays as it is below, and goes on afterwards. */
export function LogInAgain({ email, onElsewhere }: Props) {
  const { t } = useTranslation("entrance");
  const challenge = useSelector((state: WithSession) => selectChallenge(state));
  const password = usePassword(email);
  const code = useCode(challenge);
  const { form, refusal, isPending } = challenge ? code : password;
  return (
    <Dialog isOpen isAlert title={t("again_title")} onClose={onElsewhere}>
      <Form key={challenge} {...form} className="flex flex-col gap-5">
        <p className="text-soft">{t("again_lead", { email })}</p>
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        {challenge ? <CodeField /> : <PasswordField />}
        <DialogActions>
          <Button variant="secondary" onPress={onElsewhere}>
            {t("again_elsewhere")}
          </Button>
          <Button type="submit" isPending={isPending}>
            {t("log_in")}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
