import { lazy, Suspense, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { useGetInstanceQuery } from "@/shared/api/entrance";
import { useSession } from "@/shared/session";
import { Page } from "@/shared/ui";
import { AddButtons, type AddBy } from "./add-buttons";
import { Crawls, useCrawls } from "./crawls";
import { Documents } from "./documents";
import { DropZone } from "./drop-zone";
import { refusalOf } from "./refusal";
import { UploadTray } from "./upload-tray";
import { useUploads } from "./uploads";

const AddDialog = lazy(() => import("./add-dialogs").then((m) => ({ default: m.AddDialog })));

/** Files on their way to a bot, refused at once where they would be refused anyway. */
function useFiles(botId: string) {
  const { data: limits } = useGetInstanceQuery();
  const { uploads, upload } = useUploads(botId);
  const onFiles = useCallback(
    (files: File[]) => upload(files, (file) => refusalOf(file, limits)),
    [upload, limits],
  );
  return { uploads, onFiles };
}

/** What a bot knows, and all the ways to tell it more. */
export function Knowledge() {
  const { t } = useTranslation("knowledge");
  const { botId = "" } = useParams();
  const canEdit = useSession().may("editor");
  const { uploads, onFiles } = useFiles(botId);
  const { crawls, isReading } = useCrawls(botId);
  const [way, setWay] = useState<AddBy | null>(null);
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      actions={canEdit && <AddButtons onFiles={onFiles} onAddBy={setWay} />}
    >
      {canEdit && <DropZone onFiles={onFiles} />}
      <UploadTray uploads={uploads} botId={botId} />
      <Crawls crawls={crawls} canStop={canEdit} />
      <Documents botId={botId} isExpecting={isReading} onFiles={canEdit ? onFiles : undefined} />
      {way && (
        <Suspense>
          <AddDialog way={way} botId={botId} onClose={() => setWay(null)} />
        </Suspense>
      )}
    </Page>
  );
}
