// Write src/shared/api/{entrance,inside}.ts from ../docs/openapi.json; with --check, fail where they differ.
// They are checked in: editors, type checks and reviews need no build first. Two, so that the log-in
// need not load what only those who are in can ask for.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { generateEndpoints } from "@rtk-query/codegen-openapi";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const folder = path.join(root, "src/shared/api");
const HEADER = "// Generated from docs/openapi.json by `npm run api`. Do not edit.\n";

// Streams, downloads and redirects: they do not fit into a cache of JSON (see shared/api/stream.ts).
const OUTSIDE = new Set([
  "documentEvents",
  "followMessage",
  "exportAuditEvents",
  "exportMe",
  "exportWorkspace",
  "refresh",
  "getContent",
  "oidcCallback",
  "oidcLogin",
  "healthz",
  "readyz",
  "putPlan",
]);
const ENTRANCE = [
  "login",
  "loginWithSecondFactor",
  "logout",
  "register",
  "oidc",
  "forgotPassword",
  "resetPassword",
  "sendVerification",
  "verifyEmail",
  "lookUpInvitation",
  "acceptInvitation",
  "me",
  "getInstance",
];
const FILES = {
  "entrance.ts": (id) => ENTRANCE.includes(id),
  "inside.ts": (id) => !ENTRANCE.includes(id),
};
// The base query sends these.
const OWN_HEADERS = new Set(["x-workspace-id"]);

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/** `list_bots_api_v1_bots_get` of GET /api/v1/bots is `listBots`. */
function shortId(operation, route, method) {
  const tail = `${route.replace(/\W/g, "_")}_${method}`;
  return camel(operation.operationId.slice(0, -tail.length).replace(/_+$/, ""));
}

/** A header is sent or left out, never null; what is written is what a form holds, under one name. */
const plain = (key, value) => {
  if (key === "writeOnly" || key === "readOnly") return undefined;
  if (value?.in !== "header") return value;
  return { ...value, schema: { type: "string" } };
};

const isWritten = ({ in: place, name }) =>
  place !== "cookie" && !OWN_HEADERS.has(name.toLowerCase());

/** Name every operation shortly, and leave out what hooks cannot do. */
function simplify(document) {
  const operations = Object.entries(document.paths).flatMap(([route, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ route, method, methods, operation })),
  );
  const taken = new Set();
  for (const { route, method, methods, operation } of operations) {
    const id = shortId(operation, route, method);
    if (!id || taken.has(id)) throw new Error(`${method} ${route}: no name of its own (${id})`);
    taken.add(id);
    operation.operationId = id;
    operation.parameters = operation.parameters?.filter(isWritten);
    if (OUTSIDE.has(id)) delete methods[method];
  }
  return document;
}

async function generate(schemaFile, isWanted) {
  const text = await generateEndpoints({
    apiFile: "./base-api.ts",
    apiImport: "baseApi",
    exportName: "api",
    filterEndpoints: (id) => isWanted(id),
    hooks: true,
    schemaFile,
    tag: true,
  });
  return HEADER + text.replace(/from ["'].*base-api(\.ts)?["']/, 'from "./base-api"');
}

async function settle(name, text) {
  const target = path.join(folder, name);
  if (!process.argv.includes("--check")) return writeFile(target, text);
  if (text === (await readFile(target, "utf8"))) return;
  console.error(`src/shared/api/${name} is not what docs/openapi.json says: npm run api`);
  process.exitCode = 1;
}

const scratch = await mkdtemp(path.join(tmpdir(), "openapi-"));
try {
  const schemaFile = path.join(scratch, "openapi.json");
  const source = await readFile(path.join(root, "../docs/openapi.json"), "utf8");
  await writeFile(schemaFile, JSON.stringify(simplify(JSON.parse(source, plain))));
  for (const [name, isWanted] of Object.entries(FILES)) {
    await settle(name, await generate(schemaFile, isWanted));
  }
} finally {
  await rm(scratch, { recursive: true });
}
