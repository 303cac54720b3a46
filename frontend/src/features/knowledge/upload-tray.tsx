import { CircleAlert, CircleCheck, Copy, FileUp, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { paths } from "@/shared/paths";
import { Button, Card, Notice, TextLink } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { cancelUpload, clearUploads, type Upload } from "./uploads";

const MOST_SHOWN = 50; // of a folder with thousands of files

const problemIn = ({ answer }: Upload) => answer?.data as Problem | undefined;
const isOver = ({ state }: Upload) => state !== "waiting" && state !== "sending";
const isOfQuota = (upload: Upload) => problemIn(upload)?.code === "quota_exceeded";

const ICONS = {
  waiting: FileUp,
  sending: FileUp,
  done: CircleCheck,
  known: Copy,
  refused: CircleAlert,
};
const TONES = {
  waiting: "text-faint",
  sending: "text-accent",
  done: "text-accent",
  known: "text-faint",
  refused: "text-danger",
};

function useNote({ state, sent, bytes, refusal, ...upload }: Upload): string {
  const { t } = useTranslation("knowledge");
  const format = useFormat();
  const textOf = useProblemText();
  if (state === "waiting") return t("upload_waiting");
  if (state === "sending") {
    return sent < bytes
      ? t("upload_sending", { sent: format.bytes(sent), total: format.bytes(bytes) })
      : t("upload_checking");
  }
  if (state === "refused") {
    return refusal ? t(`refused_${refusal}`) : textOf({ data: upload.answer?.data });
  }
  return t(state === "known" ? "upload_known" : "upload_done");
}

function UploadRow({ upload, botId }: { upload: Upload; botId: string }) {
  const { t } = useTranslation("knowledge");
  const note = useNote(upload);
  const { state, name, documentId } = upload;
  const Icon = ICONS[state];
  const isRunning = !isOver(upload);
  const percent = upload.bytes > 0 ? Math.round((upload.sent / upload.bytes) * 100) : 0;
  return (
    <li className="relative flex min-h-13 items-center gap-3 px-4 py-2">
      <Icon aria-hidden className={`size-4.5 shrink-0 ${TONES[state]}`} />
      <div className="min-w-0 grow">
        <p className="truncate text-sm font-medium">
          {documentId ? <TextLink to={paths.document(botId, documentId)}>{name}</TextLink> : name}
        </p>
        <p className={`text-xs ${state === "refused" ? "text-danger" : "text-faint"}`}>{note}</p>
      </div>
      {isRunning && (
        <Button
          variant="quiet"
          size="icon"
          aria-label={t("upload_cancel", { name })}
          onPress={() => cancelUpload(upload.id)}
        >
          <X aria-hidden className="size-4" />
        </Button>
      )}
      {state === "sending" && (
        <progress
          aria-label={name}
          value={percent}
          max={100}
          className="absolute inset-x-0 bottom-0 h-0.5 w-full appearance-none bg-hover [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-hover [&::-webkit-progress-value]:bg-accent"
        />
      )}
    </li>
  );
}

/** What to do when the plan is used up. */
function QuotaNotice({ upload }: { upload: Upload }) {
  const { t } = useTranslation("knowledge");
  const isDocuments = problemIn(upload)?.limit === "documents";
  return (
    <div className="p-3">
      <Notice tone="warning">
        {t(isDocuments ? "quota_documents" : "quota_bytes")}{" "}
        <TextLink to={paths.usage} className="text-current">
          {t("quota_see")}
        </TextLink>
      </Notice>
    </div>
  );
}

/** The files on their way; what went wrong with some stays until it was read. */
export function UploadTray({ uploads, botId }: { uploads: readonly Upload[]; botId: string }) {
  const { t } = useTranslation("knowledge");
  if (uploads.length === 0) return null;
  const over = uploads.filter(isOver);
  const quota = uploads.find(isOfQuota);
  // What is under way, then what needs attention, then the rest.
  const order = ["sending", "refused", "waiting", "known", "done"];
  const sorted = uploads.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const taken = over.filter(({ state }) => state !== "refused");
  const isAllOver = over.length === uploads.length;
  // What went well stands in the list below.
  const shown = isAllOver ? sorted.filter(({ state }) => state !== "done") : sorted;
  return (
    <Card className="mb-5 overflow-hidden">
      <section aria-labelledby="uploads">
        <div className="flex min-h-12 items-center justify-between gap-3 border-line px-4 not-last:border-b">
          <h2 id="uploads" className="text-sm font-semibold">
            <span role="status">
              {isAllOver
                ? t("uploads_over", { count: taken.length })
                : t("uploads_sending", { count: uploads.length - over.length })}
            </span>
          </h2>
          {over.length > 0 && (
            <Button variant="quiet" size="sm" onPress={clearUploads}>
              {t("uploads_clear")}
            </Button>
          )}
        </div>
        {quota && <QuotaNotice upload={quota} />}
        {shown.length > 0 && (
          <ul className="max-h-72 divide-y divide-line overflow-y-auto">
            {shown.slice(0, MOST_SHOWN).map((upload) => (
              <UploadRow key={upload.id} upload={upload} botId={botId} />
            ))}
          </ul>
        )}
        {shown.length > MOST_SHOWN && (
          <p className="border-t border-line px-4 py-2 text-sm text-faint">
            {t("uploads_more", { count: shown.length - MOST_SHOWN })}
          </p>
        )}
      </section>
    </Card>
  );
}
