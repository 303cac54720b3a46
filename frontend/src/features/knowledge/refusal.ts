import type { Instance } from "@/shared/api/entrance";

/** Why a file is not worth sending. */
export type Refusal = "empty" | "too_large" | "no_text";

const NO_TEXT = /^(image|audio|video|font)\/|^application\/(zip|gzip|x-(tar|7z|rar|msdownload))/;

type Limits = Pick<Instance, "max_upload_bytes" | "media_types">;
type Named = Pick<File, "name" | "size" | "type">;

/** Only what is sure to be refused: what a file is, its bytes say, and any text is read. */
export function refusalOf(file: Named, limits: Limits | undefined): Refusal | null {
  if (file.size === 0) return "empty";
  if (!limits) return null;
  if (file.size > limits.max_upload_bytes) return "too_large";
  const name = file.name.toLowerCase();
  const isKnown = limits.media_types.some(({ suffix }) => name.endsWith(suffix));
  return !isKnown && NO_TEXT.test(file.type) ? "no_text" : null;
}
