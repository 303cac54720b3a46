// Writes each file of the build a second and third time, as Brotli and gzip: the server picks, and
// spends no time on it. What hardly shrinks stays alone.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const BUILT = new URL("../dist", import.meta.url).pathname;
const TEXT = new Set([".css", ".html", ".js", ".json", ".md", ".svg", ".txt", ".webmanifest"]);
const WORTH_IT = 0.95; // of the size before

const ENCODINGS = {
  ".br": (content) =>
    promisify(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
  ".gz": (content) => promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
};

const names = await readdir(BUILT, { recursive: true });
for (const name of names.filter((name) => TEXT.has(extname(name)) && !name.startsWith("."))) {
  const content = await readFile(join(BUILT, name));
  for (const [suffix, encode] of Object.entries(ENCODINGS)) {
    const encoded = await encode(content);
    if (encoded.length < content.length * WORTH_IT)
      await writeFile(join(BUILT, name + suffix), encoded);
  }
}
