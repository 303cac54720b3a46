// The conversation: ask, watch the answer come, stop it, open the passage behind a citation.

import { all, answer, call, send } from "./client.js";

const AROUND = 2000; // code points of text shown on each side of a quote
const $ = (id) => document.getElementById(id);
let open = null; // {botId, conversationId}: what is on the screen
let running = null; // {messageId, stopping, abort}: the answer that is being written
let opener = null; // where the focus returns when the passage is closed

/** Show the last conversation with a bot, and go on with an answer that is not finished. */
export async function openChat(botId) {
  closeChat();
  const mine = (open = { botId, conversationId: null });
  const { data } = await call(`/bots/${botId}/conversations?limit=1`);
  if (open !== mine || !data.length) return;
  const messages = await all(`/conversations/${data[0].id}/messages`);
  if (open !== mine) return;
  mine.conversationId = data[0].id;
  for (const message of messages) draw(newMessage(message.role), message);
  showEmptiness();
  const last = messages.at(-1);
  if (last?.status === "pending" || last?.status === "streaming") follow({ messageId: last.id }, $("messages").lastElementChild);
}

/** Leave the conversation; the server finishes its answer without us. */
export function closeChat() {
  running?.abort.abort();
  open = null;
  $("messages").replaceChildren();
  $("chat-error").textContent = "";
  showEmptiness();
}

/** Offer a first question, and say whether there is anything to ask about. */
export function setSample(question, hasDocuments) {
  $("sample-question").textContent = question ? `Ask “${question}”` : "";
  $("sample-question").dataset.question = question || "";
  $("no-messages-text").textContent = hasDocuments
    ? "Ask something your documents can answer."
    : "Add a document, then ask about it here.";
  showEmptiness();
}

function showEmptiness() {
  const empty = $("messages").childElementCount === 0;
  $("no-messages").hidden = !empty;
  $("new-chat").hidden = empty;
  $("sample-question").hidden = !$("sample-question").dataset.question;
}

function newMessage(role) {
  const item = document.createElement("li");
  item.className = role;
  const who = document.createElement("span");
  who.className = "sr";
  who.textContent = role === "user" ? "You:" : "Answer:";
  const [text, sources, note] = ["p", "ul", "p"].map((tag) => document.createElement(tag));
  [text.className, sources.className, note.className] = ["text", "sources", "soft note"];
  item.append(who, text, sources, note);
  $("messages").append(item);
  return item;
}

/** Draw a message anew. Model and document text reach the page as text only. */
function draw(item, { content, citations, status, error, degraded }) {
  const byIndex = new Map(citations.map((citation) => [citation.index, citation]));
  const parts = content.split(/\s?\[(\d+)\]/); // every second part is the number of a marker
  const nodes = parts.map((part, place) => {
    if (place % 2 === 0) return part;
    const citation = byIndex.get(Number(part));
    return citation ? chip(citation, `${part}`) : ` [${part}]`;
  });
  item.querySelector(".text").replaceChildren(...nodes);
  item.querySelector(".sources").replaceChildren(...[...byIndex.values()].map(source));
  const notes = {
    stopped: "Stopped.",
    failed: error?.detail ?? "The answer failed.",
    pending: "Searching the documents…",
  };
  const weak = degraded ? "Part of the search was out of order, so this answer may miss something." : "";
  item.querySelector(".note").textContent = notes[status] ?? weak;
  item.dataset.status = status;
}

const placeOf = ({ page }) => (page ? `, page ${page}` : "");

function chip(citation, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip";
  button.textContent = label;
  button.setAttribute("aria-label", `Source ${citation.index}: ${citation.title}${placeOf(citation)}`);
  button.addEventListener("click", () => showPassage(citation, button));
  return button;
}

function source(citation) {
  const item = document.createElement("li");
  const button = chip(citation, `${citation.index}  ${citation.title}${placeOf(citation)}`);
  button.classList.add("wide");
  button.removeAttribute("aria-label");
  item.append(button);
  if (!citation.verified) item.append(" not verified");
  return item;
}

/** Follow an answer to its end; `request` is what client.answer takes. */
async function follow(request, item) {
  const mine = (running = { messageId: request.messageId, stopping: false, abort: new AbortController() });
  const made = { content: "", citations: [], status: "pending", error: null, degraded: false };
  setBusy(true);
  try {
    for await (const { type, data } of answer({ ...request, signal: mine.abort.signal })) {
      if (mine.abort.signal.aborted) return;
      take(mine, made, type, data);
      inView(() => draw(item, made));
    }
  } catch (error) {
    if (mine.abort.signal.aborted) return;
    Object.assign(made, { status: "failed", error: { detail: error.message } });
    inView(() => draw(item, made));
  } finally {
    if (running === mine) {
      running = null;
      setBusy(false);
    }
  }
  $("spoken").textContent = `${made.content.replace(/\s?\[\d+\]/g, "")} ${item.querySelector(".note").textContent}`;
}

function take(mine, made, type, data) {
  if (type === "message.started") {
    mine.messageId = data.message_id;
    open.conversationId = data.conversation_id;
    if (mine.stopping) requestStop(mine);
  } else if (type === "message.delta") {
    made.content += data.text;
    made.status = "streaming";
  } else if (type === "citation.added") made.citations.push(data.citation);
  else if (type === "error") Object.assign(made, { status: "failed", error: data.problem });
  else if (data.message) Object.assign(made, data.message);
}

/** Keep the end of the conversation in view, unless the reader has scrolled away from it. */
function inView(change) {
  const page = document.documentElement;
  const atEnd = page.scrollHeight - page.clientHeight - page.scrollTop < 80;
  change();
  if (atEnd) page.scrollTop = page.scrollHeight;
}

function setBusy(busy) {
  $("ask").textContent = busy ? "Stop" : "Ask";
  $("ask").type = busy ? "button" : "submit";
  $("ask").classList.toggle("stop", busy);
}

function stop() {
  if (!running || running.stopping) return;
  running.stopping = true;
  if (running.messageId) requestStop(running);
}

function requestStop({ messageId }) {
  send(`/messages/${messageId}/stop`, { method: "POST" }).catch((error) => ($("chat-error").textContent = error.message));
}

async function ask(text) {
  const content = text.trim();
  if (!content || running || !open) return;
  $("chat-error").textContent = $("question").value = "";
  draw(newMessage("user"), { content, citations: [], status: "completed" });
  const item = newMessage("assistant");
  draw(item, { content: "", citations: [], status: "pending" });
  showEmptiness();
  document.documentElement.scrollTop = document.documentElement.scrollHeight;
  $("question").focus();
  const body = { message: content, ...(open.conversationId && { conversation_id: open.conversationId }) };
  await follow({ question: { path: `/bots/${open.botId}/chat`, body } }, item);
}

/** Open the text around a quote. Offsets count code points, so the text is cut as an array of them. */
async function showPassage(citation, button) {
  opener = button;
  $("passage-title").textContent = citation.title;
  $("passage-place").textContent = `Source ${citation.index}${placeOf(citation)}`;
  $("passage-text").textContent = "Loading…";
  $("passage").showModal();
  try {
    const path = `/documents/${citation.document_id}/text?revision=${citation.revision}`;
    const points = Array.from(await (await send(path)).text());
    const [from, to] = [Math.max(0, citation.start - AROUND), Math.min(points.length, citation.end + AROUND)];
    const mark = document.createElement("mark");
    mark.textContent = points.slice(citation.start, citation.end).join("");
    const before = (from > 0 ? "… " : "") + points.slice(from, citation.start).join("");
    const after = points.slice(citation.end, to).join("") + (to < points.length ? " …" : "");
    $("passage-text").replaceChildren(before, mark, after);
    mark.scrollIntoView({ block: "center" });
  } catch (error) {
    const quote = document.createElement("mark");
    quote.textContent = citation.quote;
    $("passage-text").replaceChildren(`${error.message} The quote was:\n\n`, quote);
  }
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  ask($("question").value);
});
$("ask").addEventListener("click", () => running && stop());
$("question").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  ask($("question").value);
});
document.addEventListener("keydown", (event) => event.key === "Escape" && !$("passage").open && stop());
$("sample-question").addEventListener("click", (event) => ask(event.currentTarget.dataset.question));
$("new-chat").addEventListener("click", () => {
  const { botId } = open;
  closeChat();
  open = { botId, conversationId: null };
  $("question").focus();
});
$("passage-close").addEventListener("click", () => $("passage").close());
$("passage").addEventListener("click", (event) => event.target === $("passage") && $("passage").close());
$("passage").addEventListener("close", () => opener?.isConnected && opener.focus());
