// What a test needs to be there already, made over the API as a client would.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { base } from "./harness.mjs";

export const PASSWORD = "seven quiet lighthouses"; // pragma: allowlist secret

/** Somebody with an account and a workspace. */
export class Person {
  static async register(name) {
    const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.com`;
    const person = new Person(email, PASSWORD);
    const made = await person.post("/auth/register", {
      email,
      password: PASSWORD,
      full_name: name,
    });
    person.token = made.access_token;
    return person;
  }

  constructor(email, password) {
    this.email = email;
    this.password = password;
  }

  async send(method, path, body) {
    const isForm = body instanceof FormData;
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      body: body === undefined || isForm ? body : JSON.stringify(body),
      headers: {
        ...(this.token && { Authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && !isForm && { "Content-Type": "application/json" }),
        ...(method === "POST" && { "Idempotency-Key": randomUUID() }),
      },
    });
    assert.ok(
      response.ok,
      `${method} ${path}: ${response.status} ${await response.clone().text()}`,
    );
    return response.status === 204 ? null : response.json();
  }

  get = (path) => this.send("GET", path);
  post = (path, body) => this.send("POST", path, body);

  /** A document from bytes or text; its id. */
  async upload(botId, name, content) {
    const form = new FormData();
    form.set("file", new Blob([content]), name);
    return (await this.post(`/bots/${botId}/documents`, form)).id;
  }

  /** Wait until every document of the bot is ready or failed. */
  async settled(botId) {
    for (let tries = 0; tries < 300; tries += 1) {
      const { data } = await this.get(`/bots/${botId}/documents?limit=100`);
      if (data.every(({ status }) => ["ready", "failed"].includes(status))) return data;
      await wait(200);
    }
    return assert.fail("documents were not done within a minute");
  }

  /** A bot with a document and a conversation: their ids. */
  async botWith(name, text, question) {
    const { id } = await this.post("/bots", { name });
    const documentId = await this.upload(id, `${name}.md`, text);
    await this.settled(id);
    const { conversation_id: conversationId } = await this.ask(id, question);
    return { id, name, documentId, conversationId };
  }

  /** Ask the draft; gives the conversation and the answer. */
  ask = (botId, message, conversationId) =>
    this.post(`/bots/${botId}/chat`, {
      message,
      version: "draft",
      conversation_id: conversationId,
    });
}

/** Log in by the page. */
export async function logIn(page, person) {
  await page.goto(`${base}/login`);
  await page.locator("input[type=email]").fill(person.email);
  await page.locator("input[type=password]").fill(person.password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
}
