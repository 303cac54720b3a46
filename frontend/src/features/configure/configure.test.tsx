import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { Link } from "react-router";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { Configure } from "./configure";

vi.setConfig({ testTimeout: 20_000 }); // many fields, each found by its role

const schema = {
  properties: {
    llm_model: { type: ["string", "null"], minLength: 1, maxLength: 200, default: null },
    temperature: { type: "number", minimum: 0, maximum: 2, default: 0.7 },
    retrieval_mode: { type: "string", enum: ["hybrid", "vector", "keyword"], default: "hybrid" },
    system_prompt: { type: "string", maxLength: 20_000, default: "" },
  },
};
const configuration = {
  llm_model: null,
  temperature: 0.7,
  retrieval_mode: "hybrid",
  system_prompt: "Be kind.",
};

interface Sent {
  body: unknown;
  ifMatch: string | null;
}

const model = (id: string, configured = true) => ({ id, name: id, configured, default: false });
const MODELS = [model("openai/gpt-5"), model("mistral/large", false), model("openai/gpt-5-mini")];

function start({ role = "editor", answers = [] as (() => Response)[] } = {}) {
  const sent: Sent[] = [];
  const stored = { id: "bot_1", name: "Acme", description: "", configuration, revision: 1 };
  const asked = () => HttpResponse.json(stored, { headers: { ETag: `"v${stored.revision}"` } });
  server.use(
    http.get("*/api/v1/me", () =>
      HttpResponse.json({ user: {}, workspaces: [{ id: "ws_1", name: "Acme", role }] }),
    ),
    http.get("*/api/v1/models", () => HttpResponse.json({ data: MODELS })),
    http.get("*/api/v1/bots/config_schema", () => HttpResponse.json(schema)),
    http.get("*/api/v1/bots/bot_1", asked),
    http.patch("*/api/v1/bots/bot_1", async ({ request }) => {
      const body = (await request.json()) as { configuration?: object };
      sent.push({ body, ifMatch: request.headers.get("If-Match") });
      const answer = answers.shift();
      if (answer) return answer();
      Object.assign(stored, {
        ...body,
        configuration: { ...stored.configuration, ...body.configuration },
        revision: stored.revision + 1,
      });
      return asked();
    }),
  );
  const Screen = () => (
    <>
      <Link to="/elsewhere">away</Link>
      <Configure />
    </>
  );
  show(Screen, {
    at: "/bots/bot_1/configure",
    path: "/bots/:botId/configure",
    token: "a-token",
    elsewhere: { "/elsewhere": () => <p>elsewhere</p> },
  });
  return { sent, stored };
}

const instructions = () => screen.findByLabelText("Instructions");
const click = (name: string) => userEvent.click(screen.getByRole("button", { name }));

async function fill(field: HTMLElement, text: string) {
  await userEvent.clear(field);
  await userEvent.click(field);
  await userEvent.paste(text);
}

const write = async (text: string) => fill(await instructions(), text);

test("only what was changed is sent, on top of the version that was read", async () => {
  const { sent } = start();
  await write("Be exact.");
  await userEvent.click(screen.getByRole("radio", { name: /^Words/ }));
  expect(screen.getByText("2 unsaved changes")).toBeVisible();
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(screen.queryByText(/unsaved/)).toBeNull());
  const edited = { system_prompt: "Be exact.", retrieval_mode: "keyword" };
  expect(sent).toEqual([{ body: { configuration: edited }, ifMatch: '"v1"' }]);
  expect(await instructions()).toHaveValue("Be exact.");
});

test("what is changed back is no change", async () => {
  start();
  await write("Be kind.");
  expect(screen.queryByText(/unsaved/)).toBeNull();
});

test("a value out of range is said beside its field, and nothing is sent", async () => {
  const { sent } = start();
  const temperature = await screen.findByRole("spinbutton", { name: "Temperature" });
  await fill(temperature, "3");
  await userEvent.tab();
  expect(temperature).toHaveValue("3");
  expect(await screen.findByText("Choose a number from 0 to 2.")).toBeVisible();
  await click("Save");
  expect(temperature).toHaveFocus();
  expect(sent).toEqual([]);
});

test("what is no number is said, and the arrows go by steps to the end of the range", async () => {
  const { sent } = start();
  const temperature = await screen.findByRole("spinbutton", { name: "Temperature" });
  await fill(temperature, "warm");
  await userEvent.tab();
  expect(await screen.findByText("Write a number.")).toBeVisible();
  expect(temperature).toHaveValue("warm");
  await fill(temperature, "1.9");
  await userEvent.keyboard("{ArrowUp}{ArrowUp}{ArrowUp}");
  expect(temperature).toHaveValue("2");
  await userEvent.click(screen.getByRole("button", { name: "Decrease: Temperature" }));
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]?.body).toEqual({ configuration: { temperature: 1.9 } });
});

test("models are suggested as one types, and taken with the keys; one without a key is not", async () => {
  start();
  const field = await screen.findByRole("combobox", { name: "Model" });
  await userEvent.click(screen.getByRole("button", { name: "Show the models Model" }));
  expect(screen.getAllByRole("option")).toHaveLength(3);
  await userEvent.click(screen.getByRole("option", { name: /^mistral/ }));
  expect(field).toHaveValue("");
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("listbox")).toBeNull();
  await userEvent.keyboard("gpt-5");
  expect(screen.getAllByRole("option")).toHaveLength(2);
  await userEvent.keyboard("{ArrowUp}{Enter}");
  expect(field).toHaveValue("openai/gpt-5-mini");
  expect(screen.queryByRole("listbox")).toBeNull();
});

test("what had the focus goes when all is saved: the form takes it", async () => {
  start();
  await write("Be exact.");
  await click("Save");
  await waitFor(() => expect(screen.getByRole("form", { name: "Configure" })).toHaveFocus());
});

test("what the server says of a setting stands beside its field", async () => {
  const detail = "The provider 'openai' has no key.";
  const errors = [{ pointer: "/configuration/llm_model", detail }];
  start({ answers: [() => problem(422, "invalid_request", { errors })] });
  await fill(await screen.findByRole("combobox", { name: "Model" }), "openai/gpt-5");
  await click("Save");
  expect(await screen.findByText(detail)).toBeVisible();
  expect(screen.getByRole("combobox", { name: "Model" })).toHaveAccessibleDescription(
    expect.stringContaining(detail),
  );
});

test("who saves after somebody else sees what they did, and can save on top of it", async () => {
  const { sent, stored } = start({ answers: [() => problem(412, "precondition_failed")] });
  await write("Be exact.");
  Object.assign(stored, { name: "Acme Support", revision: 7 });
  await click("Save");
  const dialog = await screen.findByRole("alertdialog", { name: "Somebody saved before you" });
  expect(dialog).toHaveTextContent("Acme Support");
  await click("Save mine on top");
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]).toEqual({
    body: { configuration: { system_prompt: "Be exact." } },
    ifMatch: '"v7"',
  });
  expect(await screen.findByDisplayValue("Acme Support")).toBeVisible();
});

test("who leaves with something unsaved is asked first", async () => {
  const { sent } = start();
  await write("Be exact.");
  await userEvent.click(screen.getByRole("link", { name: "away" }));
  await userEvent.click(await screen.findByRole("button", { name: "Stay" }));
  expect(await instructions()).toHaveValue("Be exact.");
  await userEvent.click(screen.getByRole("link", { name: "away" }));
  await userEvent.click(await screen.findByRole("button", { name: "Save and leave" }));
  expect(await screen.findByText("elsewhere")).toBeVisible();
  expect(sent).toHaveLength(1);
});

test("a viewer reads all and changes nothing", async () => {
  start({ role: "viewer" });
  expect(await instructions()).toHaveAttribute("readonly");
  expect(await screen.findByText(/Editors of this workspace change them/)).toBeVisible();
});
