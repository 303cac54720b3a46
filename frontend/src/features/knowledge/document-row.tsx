import { Ellipsis, ExternalLink, RotateCw, Square, Tag, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import type { Document } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { paths } from "@/shared/paths";
import { Button } from "@/shared/ui";
import { Checkbox } from "@/shared/ui/checkbox";
import { Menu, MenuItem, MenuSeparator } from "@/shared/ui/menu";
import { DocumentStatus } from "./document-status";
import { isBusy } from "./merge";
import { Why } from "./reasons";
import { TypeIcon } from "./type-icon";
import type { Deeds } from "./use-deeds";

/** The same for the head, the rows and what stands for them while they load. */
export const rowGrid =
  "grid items-center gap-x-3 px-3 sm:px-4 grid-cols-[auto_minmax(0,1fr)_auto] md:gap-x-5 md:grid-cols-[auto_minmax(0,1fr)_13rem_5rem_7rem_auto]";

export interface RowDeeds extends Pick<Deeds, "retry" | "stop" | "remove"> {
  label: (documents: readonly Document[]) => void;
}

interface DocumentRowProps {
  document: Document;
  isSelected: boolean;
  onSelect: (isSelected: boolean) => void;
  /** Absent for those who may only look. */
  deeds?: RowDeeds;
}

const icon = "size-4";

function RowMenu({ document, deeds }: { document: Document; deeds: RowDeeds }) {
  const { t } = useTranslation("knowledge");
  const navigate = useNavigate();
  const { bot_id, id, title } = document;
  return (
    <Menu
      aria-label={t("deeds_of", { title })}
      trigger={
        <Button variant="quiet" size="icon" aria-label={t("deeds_of", { title })}>
          <Ellipsis aria-hidden className={icon} />
        </Button>
      }
    >
      <MenuItem
        icon={<ExternalLink aria-hidden className={icon} />}
        onAction={() => void navigate(paths.document(bot_id, id))}
      >
        {t("open")}
      </MenuItem>
      {isBusy(document) ? (
        <MenuItem
          icon={<Square aria-hidden className={icon} />}
          onAction={() => void deeds.stop(document)}
        >
          {t("stop")}
        </MenuItem>
      ) : (
        <MenuItem
          icon={<RotateCw aria-hidden className={icon} />}
          onAction={() => void deeds.retry([document])}
        >
          {t(document.status === "failed" ? "retry" : "reprocess")}
        </MenuItem>
      )}
      <MenuItem
        icon={<Tag aria-hidden className={icon} />}
        onAction={() => deeds.label([document])}
      >
        {t("label")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        isDanger
        icon={<Trash2 aria-hidden className={icon} />}
        onAction={() => deeds.remove([document])}
      >
        {t("delete")}
      </MenuItem>
    </Menu>
  );
}

/** Its name, and what else is to be known of it: why it failed, else where it is from. */
function Name({ document }: { document: Document }) {
  const { bot_id, id, title, filename, source_url, error } = document;
  const labels = Object.entries(document.metadata).map(([name, value]) => `${name}: ${value}`);
  const facts = [source_url ?? (filename === title ? "" : filename), ...labels];
  const isFailed = document.status === "failed" && error;
  return (
    <div className="min-w-0">
      <Link
        to={paths.document(bot_id, id)}
        dir="auto"
        className="block w-fit max-w-full truncate font-medium text-ink no-underline hover:underline"
      >
        {title}
      </Link>
      <p className={`truncate text-sm ${isFailed ? "text-danger" : "text-faint"}`}>
        {isFailed ? error.detail : facts.filter(Boolean).join(" · ")}
      </p>
    </div>
  );
}

export function DocumentRow({ document, isSelected, onSelect, deeds }: DocumentRowProps) {
  const { t } = useTranslation("knowledge");
  const format = useFormat();
  const { title } = document;
  return (
    <>
      <td className="flex items-center">
        {deeds && (
          <Checkbox aria-label={t("select", { title })} isSelected={isSelected} onChange={onSelect}>
            {null}
          </Checkbox>
        )}
      </td>
      <th scope="row" className="flex min-w-0 items-center gap-3 text-start font-normal">
        <TypeIcon document={document} />
        <Name document={document} />
      </th>
      <td className="col-start-2 row-start-2 mt-1.5 flex min-w-0 flex-wrap items-center gap-x-2 ps-12 md:col-auto md:row-auto md:mt-0 md:ps-0">
        <DocumentStatus document={document} />
        {document.status === "failed" && (
          <Why document={document} onRetry={deeds && (() => void deeds.retry([document]))} />
        )}
      </td>
      <td className="hidden text-end text-sm text-soft tabular-nums md:block">
        {format.bytes(document.bytes)}
      </td>
      <td className="hidden truncate text-sm text-soft md:block">
        {format.ago(document.updated_at)}
      </td>
      <td>{deeds && <RowMenu document={document} deeds={deeds} />}</td>
    </>
  );
}
