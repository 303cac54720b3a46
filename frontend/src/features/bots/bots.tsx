import { Plus } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { LinkButton, Page } from "@/shared/ui";
import { BotList } from "./bot-list";

const NewBotDialog = lazy(() =>
  import("./new-bot-dialog").then((m) => ({ default: m.NewBotDialog })),
);

/** The bots of the workspace. */
export function Bots() {
  const { t } = useTranslation("bots");
  const { may } = useSession();
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      actions={
        may("editor") && (
          <LinkButton to={paths.newBot}>
            <Plus aria-hidden className="size-4" />
            {t("create")}
          </LinkButton>
        )
      }
    >
      <BotList />
    </Page>
  );
}

/** The same with the dialog open: it has an address of its own. */
export function NewBot() {
  const navigate = useNavigate();
  return (
    <>
      <Bots />
      <Suspense>
        <NewBotDialog
          onClose={() => void navigate(paths.bots)}
          onCreated={(id) => void navigate(paths.knowledge(id), { replace: true })}
        />
      </Suspense>
    </>
  );
}
