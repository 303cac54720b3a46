import { Trans, useTranslation } from "react-i18next";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { TextLink } from "@/shared/ui";
import { Snippet } from "@/shared/ui/copy";
import { Section } from "@/shared/ui/section";

const curlFor = (botId: string, question: string) =>
  `curl ${location.origin}/api/v1/bots/${botId}/chat \\
  -H "Authorization: Bearer $CHATSPHERE_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '${JSON.stringify({ message: question })}'`;

/** How a program asks it. */
export function CallIt({ botId }: { botId: string }) {
  const { t } = useTranslation("bot");
  const { may } = useSession();
  return (
    <Section
      title={t("call")}
      lead={
        may("admin") ? (
          <Trans t={t} i18nKey="call_key" components={{ 1: <TextLink to={paths.apiKeys} /> }} />
        ) : (
          t("call_key_admin")
        )
      }
    >
      <Snippet label={t("call_rest")} text={curlFor(botId, t("call_question"))} />
    </Section>
  );
}
