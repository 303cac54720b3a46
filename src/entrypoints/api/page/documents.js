// Bots, and the documents that they answer from. The conversation is in chat.js.

import { all, call, send } from "./client.js";
import { closeChat, openChat, setSample } from "./chat.js";
import { $, make, onSubmit } from "./dom.js";
import { may } from "./session.js";

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

const isOpen = (item) => item.status === "pending" || item.status === "processing";
let bot = null;
let listing = 0; // numbers the looks at the list, so that a late answer is dropped
let timer;

/** Show the bots of the workspace in use, and one of them. */
export async function showBots(chosen) {
  const bots = await all("/bots");
  $("bots").replaceChildren(...bots.map((item) => make("option", { value: item.id, textContent: item.name })));
  const next = bots.find((item) => item.id === chosen) ?? bots[0];
  $("bot-choice").hidden = !next;
  $("bot-form").hidden = Boolean(next) || !may("editor");
  $("no-bot").hidden = Boolean(next);
  $("no-bot").textContent = may("editor") ? "A bot answers from the documents you give it." : "There is no bot yet. An editor of this workspace can make one.";
  $("bot-cancel").hidden = !next;
  await useBot(next);
}

async function useBot(next) {
  bot = next;
  clearTimeout(timer);
  listing += 1;
  $("documents").hidden = $("chat").hidden = !bot;
  $("document-list").replaceChildren();
  $("upload-note").textContent = $("documents-error").textContent = "";
  if (!bot) return closeChat();
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
  const row = make("li", {}, make("div", {}, title, state, make("progress", { max: 1 })));
  if (may("editor")) row.append(remove);
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
  row.querySelector("button")?.setAttribute("aria-label", `Delete ${item.title}`);
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

/** Listen to the panel of bots and documents. */
export function openDocuments() {
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
    event.preventDefault(); // else the browser would leave the page for the file
    $("drop").classList.toggle("over", event.type === "dragover");
  };
  for (const type of ["dragover", "dragleave", "drop"]) $("documents").addEventListener(type, over);
  $("documents").addEventListener("drop", (event) => may("editor") && addFiles(event.dataTransfer.files));
  onSubmit($("paste-form"), $("documents-error"), async ({ title, text }) => {
    await addText(title, text);
    $("paste-form").reset();
    $("paste").open = false;
  });
  $("sample").addEventListener("click", () => addText(SAMPLE.title, SAMPLE.text));
}
