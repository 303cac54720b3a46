import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { useSendVerificationMutation, useVerifyEmailMutation } from "@/shared/api/entrance";
import { paths } from "@/shared/paths";
import { Button, Notice, Skeleton, TextLink } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { useWay } from "./enter";
import { Frame } from "./frame";
import { useSecret } from "./secret";

/** The mail is on its way; or its link was opened, and the address is confirmed here. */
export function Verify() {
  const { t } = useTranslation("entrance");
  const token = useSecret();
  const way = useWay();
  return (
    <Frame
      title={t("verify_title")}
      ways={<TextLink to={way(paths.login)}>{t("back_to_login")}</TextLink>}
    >
      {token ? <Confirming token={token} /> : <Waiting />}
    </Frame>
  );
}

function Confirming({ token }: { token: string }) {
  const textOf = useProblemText();
  const navigate = useNavigate();
  const [verify, { error }] = useVerifyEmailMutation();
  const isAsked = useRef(false); // a link is good for one time
  useEffect(() => {
    if (isAsked.current) return;
    isAsked.current = true;
    void verify({ tokenOnly: { token } }).then(({ error: refused }) => {
      if (!refused) void navigate(paths.login, { state: { said: "email_confirmed" } });
    });
  }, [verify, navigate, token]);
  return error ? (
    <Notice tone="danger">{textOf(error)}</Notice>
  ) : (
    <Skeleton className="h-10 w-full" />
  );
}

function Waiting() {
  const { t } = useTranslation("entrance");
  const textOf = useProblemText();
  const email = (useLocation().state as { email?: string } | null)?.email;
  const [send, { isLoading, isSuccess, error }] = useSendVerificationMutation();
  return (
    <>
      <p className="text-soft">{email ? t("verify_sent_to", { email }) : t("verify_sent")}</p>
      {isSuccess && <Notice tone="success">{t("verify_sent_again")}</Notice>}
      {Boolean(error) && <Notice tone="danger">{textOf(error)}</Notice>}
      {email && (
        <Button
          variant="secondary"
          isPending={isLoading}
          onPress={() => void send({ emailOnly: { email } })}
        >
          {t("send_again")}
        </Button>
      )}
    </>
  );
}
