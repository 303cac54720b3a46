import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Document } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Badge } from "@/shared/ui";
import { useAllChunksQuery } from "./chunks-api";

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="max-w-full min-w-0">
      <dt className="text-xs text-faint">{name}</dt>
      <dd className="text-sm font-medium">{children}</dd>
    </div>
  );
}

const isWeb = (url: string) => /^https?:\/\//i.test(url);

/** What there is to know about a document beside its text. */
export function Facts({ document }: { document: Document }) {
  const { t } = useTranslation("knowledge");
  const format = useFormat();
  const { id, revision, source_url, metadata } = document;
  const { data: chunks } = useAllChunksQuery(
    { documentId: id, revision },
    { skip: revision === 0 },
  );
  const pages = chunks?.at(-1)?.page;
  const labels = Object.entries(metadata);
  return (
    <dl className="mb-6 flex flex-wrap gap-x-10 gap-y-4">
      <Fact name={t("file")}>{document.filename || document.media_type}</Fact>
      <Fact name={t("size")}>{format.bytes(document.bytes)}</Fact>
      {pages && <Fact name={t("pages")}>{format.number(pages)}</Fact>}
      {revision > 0 && <Fact name={t("revision")}>{format.number(revision)}</Fact>}
      <Fact name={t("added_at")}>{format.moment(document.created_at)}</Fact>
      <Fact name={t("changed")}>{format.moment(document.updated_at)}</Fact>
      {source_url && isWeb(source_url) && (
        <div className="w-full min-w-0">
          <dt className="text-xs text-faint">{t("source")}</dt>
          <dd className="truncate text-sm">
            <a
              href={source_url}
              target="_blank"
              rel="noopener noreferrer"
              className="font-medium text-accent underline underline-offset-3"
            >
              {source_url}
            </a>
          </dd>
        </div>
      )}
      {labels.length > 0 && (
        <div className="w-full">
          <dt className="mb-1 text-xs text-faint">{t("labels")}</dt>
          <dd className="flex flex-wrap gap-1.5">
            {labels.map(([name, value]) => (
              <Badge key={name}>
                {name}: {value}
              </Badge>
            ))}
          </dd>
        </div>
      )}
    </dl>
  );
}
