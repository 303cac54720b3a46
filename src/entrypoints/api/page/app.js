// The page: who is there, which bot, which documents. The conversation is in chat.js.

import { all, call, enter, leave, refresh, send } from "./client.js";
import { closeChat, openChat, setSample } from "./chat.js";

const HEALTH_EVERY_MS = 15_000;
const POLL_EVERY_MS = 800;
const SHOWN_DOCUMENTS = 100;
const STAGES = { queued: "Waiting", parsing: "Reading", chunking: "Splitting", embedding: "Embedding", indexing: "Indexing", done: "Ready" };
const SAMPLE = {
  title: "Harbour Library handbook (sample)",
  question: "How long may I keep a borrowed book?",
  text: `Harbour Library: handbook for visitors

Opening hours. The library is open on weekdays from 9:00 to 19:00 and on Saturdays from 10:00 to 16:00. It is closed on Sundays and public holidays. The reading room on the second floor closes thirty minutes before the rest of the house.

Borrowing. A library card costs 12 euros a year and is free for people under 18. You may keep a borrowed book for four weeks and renew it twice, unless somebody else has reserved it. Films and board games are lent for one week. A late return costs 20 cents a day for each item, at most 10 euros.

Reservations. You can reserve up to five items online. We keep a reserved item at the front desk for seven days and tell you by e-mail as soon as it is there.

Working here. Silent desks are on the second floor, group rooms on the first. A group room can be booked for two hours a day with a library card. Printing costs 10 cents a page.
`,
};

const $ = (id) => document.getElementById(id);
const isOpen = (item) => item.status === "pending" || item.status === "processing";
let entering = "register";
let bot = null;
let listing = 0; // numbers the looks at the list, so that a late answer is dropped
let timer;

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** Run a step of a form: its button waits, a refusal is read out beside it. */
async function attempt(form, error, step) {
  const button = form.querySelector("[type=submit]");
  error.textContent = "";
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  button.disabled = true;
  try {
    await step(Object.fromEntries(new FormData(form)));
  } catch (problem) {
    error.textContent = problem.message;
    const field = form.elements[problem.field];
    field?.setAttribute("aria-invalid", "true");
    field?.focus();
  } finally {
    button.disabled = false;
  }
}

const onSubmit = (form, error, step) =>
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, error, step);
  });

async function showHealth() {
  const response = await fetch("/readyz").catch(() => null);
  const [state, words] = !response ? ["bad", "No answer"] : response.ok ? ["good", "Running"] : ["bad", "Not ready"];
  if ($("health").textContent !== words) $("health").textContent = words;
  $("health").dataset.state = state;
  setTimeout(showHealth, HEALTH_EVERY_MS);
}

function showEntrance(kind) {
  entering = kind;
  const register = kind === "register";
  $("entrance-title").textContent = register ? "Create an account" : "Log in";
  $("enter").textContent = register ? "Create account" : "Log in";
  $("switch").textContent = register ? "I have an account already" : "I need an account";
  $("name-field").hidden = $("name-field").firstElementChild.disabled = !register;
  $("password-hint").hidden = !register;
  $("credentials").elements.password.autocomplete = register ? "new-password" : "current-password";
  $("entrance-error").textContent = "";
  $("work").hidden = $("log-out").hidden = true;
  $("entrance").hidden = false;
}

async function showWork() {
  $("entrance").hidden = true;
  $("work").hidden = $("log-out").hidden = false;
  await showBots();
}

async function showBots(chosen) {
  const bots = await all("/bots");
  $("bots").replaceChildren(...bots.map((item) => make("option", { value: item.id, textContent: item.name })));
  const next = bots.find((item) => item.id === chosen) ?? bots[0];
  $("bot-choice").hidden = !next;
  $("bot-form").hidden = Boolean(next);
  $("no-bot").hidden = Boolean(next);
  $("bot-cancel").hidden = !next;
  await useBot(next);
}

async function useBot(next) {
  bot = next;
  $("documents").hidden = $("chat").hidden = !bot;
  $("document-list").replaceChildren();
  $("upload-note").textContent = $("documents-error").textContent = "";
  if (!bot) return;
  $("bots").value = bot.id;
  await Promise.all([showDocuments(), openChat(bot.id)]);
}

/** Look at the documents, and again while one of them is being taken in. */
async function showDocuments() {
  clearTimeout(timer);
  const [of, look] = [bot, ++listing];
  const page = await call(`/bots/${of.id}/documents?limit=${SHOWN_DOCUMENTS}`);
  if (look !== listing) return;
  drawDocuments(page.data);
  $("no-documents").hidden = page.data.length > 0;
  if (page.has_more) $("upload-note").textContent = `The newest ${SHOWN_DOCUMENTS} are shown.`;
  const sample = page.data.find((item) => item.title === SAMPLE.title && item.status === "ready");
  setSample(sample && SAMPLE.question, page.data.length > 0);
  if (page.data.some(isOpen)) timer = setTimeout(() => showDocuments().catch(complain), POLL_EVERY_MS);
}

const complain = (error) => ($("documents-error").textContent = error.message);

function drawDocuments(items) {
  const list = $("document-list");
  const known = new Map([...list.children].map((node) => [node.dataset.id, node]));
  const wanted = items.map((item) => drawDocument(known.get(item.id) ?? newDocument(item), item));
  known.forEach((node) => wanted.includes(node) || node.remove());
  wanted.forEach((node, place) => list.children[place] === node || list.insertBefore(node, list.children[place] ?? null));
}

function newDocument(item) {
  const remove = make("button", { type: "button", className: "quiet", textContent: "Delete" });
  remove.addEventListener("click", () => removeDocument(item));
  const [title, state] = [make("strong"), make("p", { className: "soft" })];
  const row = make("li", {}, make("div", {}, title, state, make("progress", { max: 1 })), remove);
  row.dataset.id = item.id;
  return row;
}

function drawDocument(row, item) {
  const { stage, done, total } = item.progress;
  const [failed, counted] = [item.status === "failed", stage === "embedding" && total > 0];
  const bar = row.querySelector("progress");
  const names = Object.keys(STAGES);
  const passages = `${item.chunk_count} ${item.chunk_count === 1 ? "passage" : "passages"}`;
  const working = counted ? `${STAGES[stage]} ${done} of ${total}` : `${STAGES[stage] ?? stage}…`;
  row.querySelector("strong").textContent = item.title;
  row.querySelector("p").textContent = failed ? (item.error?.detail ?? "Failed.") : item.status === "ready" ? `Ready, ${passages}` : working;
  row.dataset.status = item.status;
  row.querySelector("button").setAttribute("aria-label", `Delete ${item.title}`);
  bar.hidden = !isOpen(item);
  bar.value = (names.indexOf(stage) + (counted ? done / total : 0)) / names.length;
  bar.setAttribute("aria-label", `Progress of ${item.title}`);
  return row;
}

async function removeDocument(item) {
  if (!confirm(`Delete “${item.title}”? No answer will cite it from now on.`)) return;
  try {
    await send(`/documents/${item.id}`, { method: "DELETE" });
    await showDocuments();
    $("files").focus();
  } catch (error) {
    complain(error);
  }
}

/** Send contents one by one; each refusal is told, the others go on. */
async function add(contents) {
  const [to, refusals] = [bot, []];
  $("documents-error").textContent = "";
  for (const [place, { name, body }] of contents.entries()) {
    $("upload-note").textContent = contents.length > 1 ? `Sending ${place + 1} of ${contents.length}…` : "Sending…";
    try {
      const response = await send(`/bots/${to.id}/documents`, { body });
      $("upload-note").textContent = response.status === 200 ? `${name} is there already.` : "";
    } catch (error) {
      refusals.push(`${name}: ${error.message}`);
      $("upload-note").textContent = "";
    }
    if (to === bot) await showDocuments().catch(complain);
  }
  $("documents-error").textContent = refusals.join("\n");
}

function addFiles(files) {
  const asForm = (file) => {
    const body = new FormData();
    body.append("file", file);
    return { name: file.name, body };
  };
  return add([...files].map(asForm));
}

const addText = (title, text) => add([{ name: title || "The text", body: { title: title || text.trim().slice(0, 60), text } }]);

function listen() {
  $("switch").addEventListener("click", () => showEntrance(entering === "register" ? "login" : "register"));
  onSubmit($("credentials"), $("entrance-error"), async (fields) => {
    await enter(entering, fields);
    $("credentials").reset();
    await showWork();
    $("main").focus();
  });
  $("log-out").addEventListener("click", async () => {
    await leave().catch(() => {});
    location.reload();
  });
  onSubmit($("bot-form"), $("bot-form").querySelector(".error"), async ({ name }) => {
    const made = await call("/bots", { body: { name } });
    $("bot-form").reset();
    await showBots(made.id);
    $("files").focus();
  });
  $("new-bot").addEventListener("click", () => {
    $("bot-form").hidden = false;
    $("bot-form").elements.name.focus();
  });
  $("bot-cancel").addEventListener("click", () => {
    $("bot-form").hidden = true;
    $("new-bot").focus();
  });
  $("bots").addEventListener("change", () => {
    closeChat();
    useBot({ id: $("bots").value }).catch(complain);
  });
  $("files").addEventListener("change", async () => {
    await addFiles($("files").files);
    $("files").value = "";
  });
  const over = (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", event.type === "dragover");
  };
  for (const type of ["dragover", "dragleave", "drop"]) $("documents").addEventListener(type, over);
  $("documents").addEventListener("drop", (event) => addFiles(event.dataTransfer.files));
  onSubmit($("paste-form"), $("documents-error"), async ({ title, text }) => {
    await addText(title, text);
    $("paste-form").reset();
    $("paste").open = false;
  });
  $("sample").addEventListener("click", () => addText(SAMPLE.title, SAMPLE.text));
}

listen();
showHealth();
if (await refresh().catch(() => false)) await showWork().catch(complain);
else showEntrance("register");
