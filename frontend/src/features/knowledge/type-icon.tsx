import {
  BookOpen,
  CodeXml,
  File,
  FileSpreadsheet,
  FileText,
  Globe,
  type LucideIcon,
  Mail,
  Presentation,
} from "lucide-react";
import type { Document } from "@/shared/api/inside";

const KINDS: readonly [RegExp, LucideIcon][] = [
  [/\.(xlsx?|csv|tsv|ods)$/, FileSpreadsheet],
  [/\.(pptx?|odp)$/, Presentation],
  [/\.(eml|msg)$/, Mail],
  [/\.epub$/, BookOpen],
  [/\.(ipynb|json|xml|ya?ml)$/, CodeXml],
  [/\.(pdf|docx?|odt|rtf|md|txt|html?)$/, FileText],
];

const iconOf = ({ filename, source_url }: Pick<Document, "filename" | "source_url">): LucideIcon =>
  source_url !== null
    ? Globe
    : (KINDS.find(([pattern]) => pattern.test(filename.toLowerCase()))?.[1] ?? File);

/** What kind of thing it is, at a glance; its name says it in words. */
export function TypeIcon({ document }: { document: Pick<Document, "filename" | "source_url"> }) {
  const Icon = iconOf(document);
  return (
    <span className="grid size-9 shrink-0 place-items-center rounded-md bg-sunken text-faint">
      <Icon aria-hidden className="size-4.5" />
    </span>
  );
}
