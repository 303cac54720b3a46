// What somebody has in their hands besides the dashboard: their mails, and their authenticator.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { file as output } from "./harness.mjs";

/** Wait for a mail after the `seen` that came before; gives the link of its kind that came last. */
export async function mailed(kind, seen = 0) {
  for (let tries = 0; tries < 100; tries += 1) {
    const links =
      (await readFile(output, "utf8")).match(new RegExp(`\\S*/#${kind}=\\S+`, "g")) ?? [];
    if (links.length > seen) return links.at(-1);
    await wait(100);
  }
  return assert.fail(`no mail with ${kind}`);
}

/** RFC 6238 with SHA-1, six digits, 30 s; a code is good once, so `later` steps give fresh ones. */
export function totp(secret, later = 0) {
  const digits = [...secret]
    .map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")) // pragma: allowlist secret
    .join("");
  const key = Buffer.from(digits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
