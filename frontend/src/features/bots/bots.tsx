import { FileUp, Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { Button, LinkButton, Page } from "@/shared/ui";
import { BotList } from "./bot-list";

const NewBotDialog = lazy(() =>
  import("./new-bot-dialog").then((m) => ({ default: m.NewBotDialog })),
);

const ImportDialog = lazy(() =>
  import("./import-dialog").then((m) => ({ default: m.ImportDialog })),
);

function Import() {
  const { t } = useTranslation("bots");
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant="secondary" onPress={() => setOpen(true)}>
        <FileUp aria-hidden className="size-4" />
        {t("import")}
      </Button>
      {isOpen && (
        <Suspense>
          <ImportDialog
            onClose={() => setOpen(false)}
            onCreated={(id) => void navigate(paths.knowledge(id))}
          />
        </Suspense>
      )}
    </>
  );
}

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
          <>
            <Import />
            <LinkButton to={paths.newBot}>
              <Plus aria-hidden className="size-4" />
              {t("create")}
            </LinkButton>
          </>
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
