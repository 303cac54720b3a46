// Every screen, as it is with and without data, while it loads and when that fails: in light and dark,
// wide and narrow, from both sides. The pictures of it are what designers look at.
//   node gallery.e2e.mjs ADDRESS FOLDER-FOR-SCREENSHOTS
import { audit, base, FEW_VIEWS, newPerson, run } from "./harness.mjs";
import { logIn, Person } from "./seed.mjs";

const HANDBOOK = `# Handbook of the harbour library

## Opening hours

The library is open from nine to six on weekdays. On Saturdays it closes at two in the afternoon.

## Loans

Books are lent for four weeks. A loan may be renewed twice, unless somebody waits for the book.
`;
const QUESTION = "For how long are books lent?";

const page = await newPerson();
const newcomers = await newPerson();
let places;

async function prepares() {
  const ada = await Person.register("Ada Lovelace");
  const bot = await ada.post("/bots", {
    name: "Harbour library",
    description: "Answers visitors.",
  });
  const documentId = await ada.upload(bot.id, "handbook.md", HANDBOOK);
  await ada.upload(bot.id, "empty.txt", "  \n");
  await ada.settled(bot.id);
  const { conversation_id: conversationId } = await ada.ask(bot.id, QUESTION);
  await ada.ask(bot.id, "Who built the lighthouse?");
  await ada.post(`/bots/${bot.id}/versions`);
  const own = `/bots/${bot.id}`;
  places = {
    home: "/",
    bots: "/bots",
    "new-bot": "/bots/new",
    overview: own,
    configure: `${own}/configure`,
    versions: `${own}/configure/versions`,
    knowledge: `${own}/knowledge`,
    document: `${own}/knowledge/${documentId}`,
    retrieval: `${own}/retrieval?q=${encodeURIComponent(QUESTION)}`,
    playground: `${own}/playground`,
    chat: `${own}/playground/${conversationId}`,
    conversations: `${own}/conversations`,
    conversation: `${own}/conversations/${conversationId}`,
    settings: "/workspace",
    members: "/workspace/members",
    "api-keys": "/workspace/api-keys",
    usage: "/workspace/usage",
    audit: "/workspace/audit",
    profile: "/profile",
    nowhere: "/nowhere",
  };
  await logIn(page, ada);
}

/** Go to a place as a link would, without a new start of the dashboard, and wait until it has settled. */
async function goTo(tab, path) {
  await tab.goto(base + path);
  await tab.locator("main").first().waitFor();
  await tab.waitForLoadState("networkidle").catch(() => undefined);
}

async function showsTheWaysIn() {
  for (const name of ["login", "register", "forgot"]) {
    await goTo(newcomers, `/${name}`);
    await audit(newcomers, name);
  }
}

async function showsWhatIsThere() {
  for (const [name, path] of Object.entries(places)) {
    await goTo(page, path);
    await audit(page, name);
  }
}

async function showsWhatIsEmpty() {
  const bob = await Person.register("Bob Babbage");
  await logIn(newcomers, bob);
  const empty = async (name, path) => {
    await goTo(newcomers, path);
    await audit(newcomers, `${name}-empty`, FEW_VIEWS);
  };
  await empty("home", "/");
  await empty("bots", "/bots");
  const { id } = await bob.post("/bots", { name: "New" });
  for (const [name, path] of Object.entries(places).filter(([, path]) =>
    path.startsWith("/bots/bot"),
  )) {
    const [, , , screen, ...rest] = path.split("/");
    if (rest.length === 0)
      await empty(name, ["/bots", id, screen].filter(Boolean).join("/").split("?")[0]);
  }
}

/** The reads of one screen fail, or never come; those of the shell do not. */
async function showsWhatFailsAndWhatLoads() {
  const reads = /\/api\/v1\/(?!auth|me$|instance)/;
  const problem = {
    type: "urn:chatsphere:problem:internal",
    title: "Internal Server Error",
    status: 500,
    code: "internal",
    detail: "Something went wrong.",
  };
  const screens = Object.entries(places).filter(([name]) => !["nowhere", "new-bot"].includes(name));
  for (const [name, path] of screens) {
    await page.route(reads, (route) =>
      route.fulfill({ status: 500, json: problem, contentType: "application/problem+json" }),
    );
    await goTo(page, path);
    await audit(page, `${name}-error`, FEW_VIEWS);
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.route(reads, () => undefined);
    await page.goto(base + path);
    await page.locator("main").waitFor();
    await audit(page, `${name}-loading`, FEW_VIEWS);
    await page.unrouteAll({ behavior: "ignoreErrors" });
  }
}

await run(
  [prepares, showsTheWaysIn, showsWhatIsThere, showsWhatIsEmpty, showsWhatFailsAndWhatLoads],
  [page, newcomers],
);
