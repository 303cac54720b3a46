import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDispatch, useSelector } from "react-redux";
import { useNavigate } from "react-router";
import {
  type InvitationOffer,
  useAcceptInvitationMutation,
  useLogoutMutation,
  useLookUpInvitationMutation,
  useMeQuery,
} from "@/shared/api/entrance";
import { paths } from "@/shared/paths";
import {
  selectStatus,
  sessionEnded,
  tellTabs,
  type WithSession,
  workspaceChosen,
} from "@/shared/session";
import { Button, LinkButton, Notice, Skeleton, TextLink } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { Frame } from "./frame";
import { forgetInvitation, keepInvitation, keptInvitation, useSecret } from "./secret";

function useToken(): string {
  const secret = useSecret();
  const [token] = useState(() => secret || keptInvitation());
  useEffect(() => keepInvitation(token), [token]);
  return token;
}

export function Invitation() {
  const { t } = useTranslation("entrance");
  const textOf = useProblemText();
  const token = useToken();
  const [lookUp, { data: offer, error }] = useLookUpInvitationMutation();
  useEffect(() => {
    if (token) void lookUp({ invitationSecret: { token } });
  }, [lookUp, token]);
  return (
    <Frame
      title={offer ? t("join_title", { workspace: offer.workspace_name }) : t("invitation_title")}
      refusal={error ? textOf(error) : token ? "" : t("link_incomplete")}
      ways={<TextLink to={paths.home}>{t("not_now")}</TextLink>}
    >
      {offer && <Offer offer={offer} token={token} />}
      {!offer && token && !error && <Skeleton className="h-24 w-full" />}
    </Frame>
  );
}

function Offer({ offer, token }: { offer: InvitationOffer; token: string }) {
  const { t } = useTranslation("entrance");
  const status = useSelector((state: WithSession) => selectStatus(state));
  const next = `?next=${encodeURIComponent(paths.invitation)}`;
  return (
    <>
      <p className="text-soft">
        {t("invited_as", { role: t(`role_${offer.role}` as "role_viewer"), email: offer.email })}
      </p>
      {status === "active" ? (
        <Join offer={offer} token={token} />
      ) : (
        <>
          <LinkButton to={paths.register + next}>{t("register")}</LinkButton>
          <LinkButton variant="secondary" to={paths.login + next}>
            {t("log_in")}
          </LinkButton>
        </>
      )}
    </>
  );
}

function useJoin(token: string) {
  const dispatch = useDispatch();
  const navigate = useNavigate();
  const [accept, state] = useAcceptInvitationMutation();
  const join = async () => {
    const { data } = await accept({ invitationSecret: { token } });
    if (!data) return;
    forgetInvitation();
    dispatch(workspaceChosen(data.id));
    void navigate(paths.home, { replace: true });
  };
  return { join, ...state };
}

/** Whoever is here with another account than the invited one may leave it first. */
function Join({ offer, token }: { offer: InvitationOffer; token: string }) {
  const { t } = useTranslation("entrance");
  const textOf = useProblemText();
  const dispatch = useDispatch();
  const { data: me } = useMeQuery();
  const { join, isLoading, error } = useJoin(token);
  const [logOut] = useLogoutMutation();
  const leave = async () => {
    await logOut();
    dispatch(sessionEnded());
    tellTabs("session-ended");
  };
  if (!me) return <Skeleton className="h-10 w-full" />;
  if (me.user.email.toLowerCase() !== offer.email.toLowerCase()) {
    return (
      <>
        <Notice tone="warning">{t("logged_in_as", { email: me.user.email })}</Notice>
        <Button onPress={() => void leave()}>{t("log_out_and_go_on")}</Button>
      </>
    );
  }
  return (
    <>
      {Boolean(error) && <Notice tone="danger">{textOf(error)}</Notice>}
      <Button isPending={isLoading} onPress={() => void join()}>
        {t("join")}
      </Button>
    </>
  );
}
