// Small things that every part of the page needs: elements, forms, and saying what happened.

export const $ = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** A button that is not the main one of its place; `label` says it where its text alone would not. */
export function button(text, press, label) {
  const node = make("button", { type: "button", className: "quiet", textContent: text });
  if (label) node.setAttribute("aria-label", label);
  node.addEventListener("click", () => press(node));
  return node;
}

/** While a step runs its control waits; the focus, which a waiting control loses, goes back to it. */
async function waiting(control, refuge, step) {
  control.disabled = true;
  try {
    await step();
  } finally {
    control.disabled = false;
    if (document.activeElement === document.body) (control.checkVisibility() ? control : refuge)?.focus();
  }
}

/** Run a step of a form: its button waits, a refusal is read out beside it. */
export async function attempt(form, error, step) {
  error.textContent = "";
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  await waiting(form.querySelector("[type=submit]"), form.closest("section")?.querySelector("[tabindex]"), async () => {
    try {
      await step(Object.fromEntries(new FormData(form)));
    } catch (problem) {
      error.textContent = problem.message;
      const field = form.elements[problem.field];
      field?.setAttribute?.("aria-invalid", "true");
      field?.focus?.();
    }
  });
}

export const onSubmit = (form, error, step) =>
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, error, step);
  });

const wordsOf = (node) => ["h2", ".said", ".error"].map((part) => node.closest(".panel").querySelector(part));

/** The same for a form in a panel; what the step returns is said there. */
export function onPanelSubmit(form, step) {
  const [, said, error] = wordsOf(form);
  onSubmit(form, error, async (fields) => {
    said.textContent = "";
    said.textContent = (await step(fields)) ?? "";
  });
}

/** Run what a button of a panel is for; its panel says what came of it. */
export async function act(control, step) {
  const [title, said, error] = wordsOf(control);
  said.textContent = error.textContent = "";
  await waiting(control, title, async () => {
    try {
      said.textContent = (await step()) ?? "";
    } catch (problem) {
      error.textContent = problem.message;
    }
  });
}

/** Show what is shown once, ready to be copied; `lines` is for what is longer than one. */
export function showOnce(holder, label, value, lines = 1) {
  const field = make(lines > 1 ? "textarea" : "input", { readOnly: true, value, autocomplete: "off", className: "secret" });
  if (lines > 1) field.rows = lines;
  const told = make("span", { className: "hint", role: "status" });
  const copy = async () => {
    field.select();
    const copied = await navigator.clipboard?.writeText(value).then(() => true, () => false);
    told.textContent = copied ? "Copied." : "It is marked: copy it with the keyboard.";
  };
  const done = () => {
    const title = wordsOf(holder)[0];
    hideOnce(holder);
    title.focus();
  };
  holder.replaceChildren(make("label", {}, label, field), make("div", { className: "row" }, button("Copy", copy), button("Done", done), told));
  holder.hidden = false;
  field.focus();
  field.select();
}

export function hideOnce(holder) {
  holder.replaceChildren();
  holder.hidden = true;
}

/** A row of a list: what it is, what there is to say of it, what can be done. */
export function row(title, words, ...actions) {
  const text = make("div", {}, make("strong", { textContent: title }), make("p", { className: "soft", textContent: words }));
  return make("li", {}, text, make("div", { className: "row" }, ...actions));
}

const MOMENT = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
export const moment = (text) => MOMENT.format(new Date(text));
export const day = (text) => DAY.format(new Date(text));
