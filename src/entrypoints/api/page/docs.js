// Shows /openapi.json to people and lets them try it, as whoever is logged in in the dashboard.

import { refresh, request } from "./client.js";

const SHOWN_CHARACTERS = 100_000; // of an answer
const DEEPEST = 4; // levels of a type that are spelled out
const VERBS = ["get", "post", "put", "patch", "delete"];
const $ = (id) => document.getElementById(id);
let spec;

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

const resolve = (schema = {}) =>
  schema.$ref ? schema.$ref.split("/").slice(1).reduce((node, name) => node[name], spec) : schema;

/** Write a schema as a type: `{ name: string, page?: integer | null }`. */
function typeOf(given, depth = 0) {
  const schema = resolve(given);
  const choices = schema.anyOf ?? schema.oneOf;
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (choices) return choices.map((choice) => typeOf(choice, depth)).join(" | ");
  if (schema.type === "array") return `list of ${typeOf(schema.items, depth)}`;
  if (schema.properties) return depth < DEEPEST ? fieldsOf(schema, depth) : (schema.title ?? "object");
  if (schema.type === "object") {
    const values = schema.additionalProperties;
    return values && values !== true ? `{ any name: ${typeOf(values, depth + 1)} }` : "object";
  }
  return [schema.type ?? "any value", schema.format && `(${schema.format})`].filter(Boolean).join(" ");
}

function fieldsOf(schema, depth) {
  const inner = "  ".repeat(depth + 1);
  const lines = Object.entries(schema.properties).map(([name, field]) => {
    const mark = schema.required?.includes(name) ? "" : "?";
    const about = [field.description, limitsOf(field)].filter(Boolean).join("; ");
    return `${inner}${name}${mark}: ${typeOf(field, depth + 1)}${about && `  — ${about}`}`;
  });
  return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
}

const LIMITS = {
  minimum: (n) => `at least ${n}`,
  maximum: (n) => `at most ${n}`,
  minLength: (n) => `at least ${n} characters`,
  maxLength: (n) => `at most ${n} characters`,
  maxItems: (n) => `at most ${n} items`,
};

function limitsOf(field) {
  const schema = resolve(field);
  const real = schema.anyOf?.find((choice) => choice.type !== "null") ?? schema;
  return Object.entries(LIMITS).flatMap(([name, say]) => (name in real ? [say(real[name])] : [])).join(", ");
}

/** Make a value that fits a schema, from its examples where it has some. */
function sampleOf(given) {
  const schema = resolve(given);
  if (schema.examples?.length) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return sampleOf(choices[0]);
  if (schema.enum) return schema.enum[0];
  if (!schema.properties) return { string: "", integer: 1, number: 1, boolean: false, array: [], object: {} }[schema.type] ?? null;
  const wanted = Object.entries(schema.properties).filter(([name, field]) => schema.required?.includes(name) || resolve(field).examples);
  return Object.fromEntries(wanted.map(([name, field]) => [name, sampleOf(field)]));
}

/** Write text in which `code` stands between back-ticks. */
const prose = (text) => text.split("`").map((part, place) => (place % 2 ? make("code", { textContent: part }) : part));

const paragraphs = (text) => text.trim().split(/\n\s*\n/).map((part) => make("p", {}, ...prose(part.replaceAll("\n", " "))));

function field(label, input, wide = false) {
  return make("label", { className: wide ? "wide" : "" }, label, input);
}

function parameterField(parameter) {
  const choices = resolve(parameter.schema).anyOf?.find((choice) => choice.enum) ?? resolve(parameter.schema);
  const input = choices.enum
    ? make("select", {}, ...["", ...choices.enum].map((value) => make("option", { value, textContent: value })))
    : make("input", { type: "text", autocomplete: "off" });
  input.required = parameter.required === true;
  const about = [parameter.in, parameter.description, limitsOf(parameter.schema)].filter(Boolean).join("; ");
  const label = make("span", {}, `${parameter.name} `, make("span", { className: "hint", textContent: about }));
  return { parameter, input, node: field(label, input) };
}

/** The body's fields: files where there is a form, else JSON; gives what reads them. */
function bodyFields(operation) {
  const content = resolve(operation.requestBody)?.content ?? {};
  const json = content["application/json"];
  const files = content["multipart/form-data"] && make("input", { type: "file", multiple: true });
  const required = operation.requestBody?.required === true;
  const text = json && make("textarea", { rows: 5, spellcheck: false, value: files || !required ? "" : JSON.stringify(sampleOf(json.schema), null, 2) });
  const nodes = [files && field("Files (multipart/form-data)", files, true), text && field(files ? "or a body (application/json)" : "Body (application/json)", text, true)];
  const read = () => {
    if (text?.value.trim()) return JSON.parse(text.value);
    if (!files?.files.length) return undefined;
    const form = new FormData();
    for (const file of files.files) form.append("file", file);
    return form;
  };
  return { nodes: nodes.filter(Boolean), read };
}

function tryForm(path, verb, operation) {
  const parameters = (operation.parameters ?? []).map((item) => parameterField(resolve(item)));
  const body = bodyFields(operation);
  const streams = Object.values(operation.responses).some((answer) => answer.content?.["text/event-stream"] && answer.content["application/json"]);
  const stream = make("input", { type: "checkbox" });
  const output = make("pre", { className: "result", hidden: true, tabIndex: 0, ariaLabel: "Answer" });
  output.setAttribute("role", "region");
  const inputs = make("div", { className: "inputs" }, ...parameters.map(({ node }) => node), ...body.nodes);
  const form = make("form", {}, inputs, make("button", { textContent: "Send", type: "submit" }), output);
  if (streams) inputs.append(make("label", { className: "row check" }, stream, "As a stream of events"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const headers = stream.checked ? { Accept: "text/event-stream" } : {};
    show(output, async () => request(urlOf(path, parameters, headers), { method: verb.toUpperCase(), headers, body: body.read() }));
  });
  return form;
}

/** Fill the parameters into the path and the query; those of the header go into `headers`. */
function urlOf(path, parameters, headers) {
  const query = new URLSearchParams();
  for (const { parameter, input } of parameters) {
    if (input.value === "") continue;
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (parameter.in === "query") query.set(parameter.name, input.value);
    else if (parameter.in === "header") headers[parameter.name] = input.value;
  }
  return query.size ? `${path}?${query}` : path;
}

async function show(output, ask) {
  output.hidden = false;
  output.textContent = "…";
  try {
    const response = await ask();
    const head = `${response.status} ${response.statusText}\n${response.headers.get("content-type") ?? ""}\n\n`;
    let text = "";
    if (response.body)
      for (const reader = response.body.pipeThrough(new TextDecoderStream()).getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        text = (text + value).slice(0, SHOWN_CHARACTERS);
        output.textContent = head + text;
      }
    if (/[/+]json/.test(response.headers.get("content-type"))) text = JSON.stringify(JSON.parse(text), null, 2);
    output.textContent = head + text;
  } catch (error) {
    output.textContent = error.message;
  }
}

function typesOf(content = {}) {
  return Object.entries(content).map(([kind, { schema }]) => make("pre", {}, schema ? `${kind}: ${typeOf(schema)}` : kind));
}

function detailsOf(path, verb, operation) {
  const body = typesOf(resolve(operation.requestBody)?.content);
  const answers = Object.entries(operation.responses).map(([status, answer]) => {
    const good = status.startsWith("2");
    return make("div", {}, make("p", {}, make("strong", { textContent: status }), ` ${answer.description}`), ...(good ? typesOf(answer.content) : []));
  });
  return make("div", {},
    ...paragraphs(operation.description ?? "").slice(1),
    ...(body.length ? [make("h3", { textContent: "Body" }), ...body] : []),
    make("h3", { textContent: "Answers" }), make("div", { className: "responses" }, ...answers),
    make("h3", { textContent: "Try it" }), tryForm(path, verb, operation));
}

function operationNode(path, verb, operation) {
  const about = prose(operation.description?.split(/\n\s*\n/)[0] ?? operation.summary ?? "");
  const head = make("summary", {}, make("code", { className: `verb ${verb.toUpperCase()}`, textContent: verb.toUpperCase() }), make("code", { textContent: path }), make("span", { className: "soft" }, ...about));
  const node = make("details", { className: "operation", id: operation.operationId }, head);
  node.dataset.words = `${verb} ${path} ${operation.summary} ${operation.description}`.toLowerCase();
  node.addEventListener("toggle", () => node.children.length === 1 && node.append(detailsOf(path, verb, operation)));
  return node;
}

function showOperations() {
  const groups = new Map();
  for (const [path, item] of Object.entries(spec.paths))
    for (const verb of VERBS.filter((name) => item[name])) {
      const group = item[verb].tags?.[0] ?? "Other";
      groups.set(group, [...(groups.get(group) ?? []), operationNode(path, verb, item[verb])]);
    }
  $("operations").replaceChildren(...[...groups].map(([name, nodes]) => make("section", {}, make("h2", { textContent: name }), ...nodes)));
  const linked = document.getElementById(location.hash.slice(1));
  if (!linked) return;
  linked.open = true;
  linked.scrollIntoView();
}

function find() {
  const words = $("find").value.toLowerCase().split(/\s+/);
  let found = 0;
  for (const node of document.querySelectorAll(".operation")) {
    node.hidden = !words.every((word) => node.dataset.words.includes(word));
    found += !node.hidden;
  }
  for (const group of $("operations").children) group.hidden = !group.querySelector(".operation:not([hidden])");
  $("none").hidden = found > 0;
}

$("find").addEventListener("input", find);
try {
  spec = await (await request("/openapi.json")).json();
  $("about").replaceChildren(...paragraphs(spec.info.description));
  showOperations();
  const known = await refresh().catch(() => false);
  $("session").textContent = known ? "You are logged in: requests from here are yours." : "Log in on the first page to try what needs an account.";
} catch (error) {
  $("failure").textContent = error.message;
}
