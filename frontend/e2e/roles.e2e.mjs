// What people are shown of what others have: a viewer no deeds, a stranger nothing.
//   node roles.e2e.mjs ADDRESS FOLDER-FOR-SCREENSHOTS
import assert from "node:assert/strict";
import { audit, base, FEW_VIEWS, newPerson, on, run } from "./harness.mjs";
import { logIn, Person } from "./seed.mjs";

const TEXT =
  "# Loans\n\nBooks are lent for four weeks. A loan may be renewed twice, unless somebody waits.\n";
const QUESTION = "For how long are books lent?";
/** Stands in every name and text of the stranger, and may stand on nobody else's screen. */
const SECRET = "Zanzibar";

const owner = await newPerson();
const viewer = await newPerson();
const [hers, his] = [on(owner), on(viewer)];
let ada;
let vera;
let library;
let kiosk;
let foreign;

async function invite(person) {
  const { workspaces } = await ada.get("/me");
  const place = `/workspaces/${workspaces[0].id}/invitations`;
  const { link } = await ada.post(place, { email: person.email, role: "viewer" });
  await person.post("/invitations/accept", { token: link.split("#invitation=")[1] });
  return workspaces[0];
}

async function prepares() {
  ada = await Person.register("Ada Lovelace");
  vera = await Person.register("Vera Viewer");
  const stranger = await Person.register(`Sam ${SECRET}`);
  library = await ada.botWith("Harbour library", TEXT, QUESTION);
  kiosk = await vera.botWith("Kiosk", "The kiosk opens at noon.\n", "When does the kiosk open?");
  const secret = `The password of ${SECRET} is a lighthouse.\n`;
  foreign = await stranger.botWith(`${SECRET} plans`, secret, `What is the password of ${SECRET}?`);
  library.workspace = await invite(vera);
  await logIn(owner, ada);
  await logIn(viewer, vera);
}

const offered = (page, [role, name]) =>
  page.locator("#main").getByRole(role, { name }).filter({ visible: true }).first();

/** Places, their pictures' names, what is there for anybody, and what only who may change it is offered. */
const PLACES = [
  {
    place: "/bots",
    words: "Harbour library",
    deeds: [
      ["link", "Create a bot"],
      ["button", "Import"],
      ["button", /^More for/],
    ],
  },
  {
    place: "/bots/:bot",
    words: "Call it from a program",
    deeds: [
      ["link", "Publish"],
      ["button", "Delete the bot"],
    ],
  },
  {
    place: "/bots/:bot/knowledge",
    words: "The documents that this bot answers from.",
    deeds: [
      ["button", "Add files"],
      ["button", "More ways"],
      ["button", /^Actions for/],
      ["checkbox", /^Select/],
    ],
  },
  {
    place: "/bots/:bot/knowledge/:document",
    words: "Books are lent",
    deeds: [["button", "Actions"]],
  },
  {
    place: "/bots/:bot/configure/versions",
    words: "Versions",
    deeds: [["button", "Keep as a version"]],
  },
  {
    place: "/workspace",
    words: "General",
    deeds: [
      ["button", "Save"],
      ["button", /^Add a key/],
      ["button", "Export everything"],
      ["button", "Delete the workspace"],
    ],
  },
  {
    place: "/workspace/members",
    words: "What each role may do",
    deeds: [["button", "Invite someone"]],
  },
];
const pathOf = (place) =>
  place.replace(":bot", library.id).replace(":document", library.documentId);
const pictureOf = (place) => `viewer${place.replace(/[/:]+/g, "-")}`;

/** What the owner is offered in the same places is the proof that a viewer would be seen to be offered it. */
async function offersAViewerNoDeeds() {
  await viewer.goto(`${base}/bots/${library.id}`);
  await his.says("Harbour library");
  for (const { place, words, deeds } of PLACES) {
    await Promise.all([owner, viewer].map((page) => page.goto(base + pathOf(place))));
    await Promise.all([hers.says(words), his.says(words)]);
    for (const deed of deeds) {
      await offered(owner, deed).waitFor();
      assert.equal(await offered(viewer, deed).count(), 0, `${place}: ${deed[1]}`);
    }
    await audit(viewer, pictureOf(place), FEW_VIEWS);
  }
}

async function showsAViewerSettingsToRead() {
  await viewer.goto(`${base}/bots/${library.id}/configure`);
  await his.says("You can look at all settings.");
  const texts = viewer.locator("#main").locator("input[type=text], textarea");
  assert.ok((await texts.count()) > 2);
  for (const text of await texts.all()) assert.equal(await text.isEditable(), false);
  await audit(viewer, "viewer-configure", FEW_VIEWS);
  for (const place of ["api-keys", "usage", "audit"]) {
    await viewer.goto(`${base}/workspace/${place}`);
    await his.says("This is not open to your role");
  }
  await audit(viewer, "viewer-not-for-you", FEW_VIEWS);
}

const statusOf = async (person, workspace, method, path, body) => {
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    body: body && JSON.stringify(body),
    headers: {
      Authorization: `Bearer ${person.token}`,
      "X-Workspace-Id": workspace.id,
      "Content-Type": "application/json",
    },
  });
  await response.arrayBuffer();
  return response.status;
};

/** What is not offered is refused as well, where somebody asks for it by other means. */
async function refusesAViewerDeeds() {
  const { id, documentId, workspace } = library;
  const own = `/workspaces/${workspace.id}`;
  const deeds = [
    ["POST", "/bots", { name: "Mine" }],
    ["PATCH", `/bots/${id}`, { name: "Mine" }],
    ["DELETE", `/bots/${id}`],
    ["POST", `/bots/${id}/versions`],
    ["POST", `/bots/${id}/documents`, { title: "Mine", text: "Mine." }],
    ["PATCH", `/documents/${documentId}`, { title: "Mine" }],
    ["POST", `/documents/${documentId}/reprocess`],
    ["DELETE", `/documents/${documentId}`],
    ["PATCH", own, { name: "Mine" }],
    ["DELETE", own],
    ["GET", `${own}/export`],
    ["GET", `${own}/invitations`],
    ["POST", `${own}/invitations`, { email: "mine@example.com", role: "viewer" }],
    ["GET", "/api_keys"],
    ["POST", "/api_keys", { name: "Mine", scopes: ["chat"] }],
    ["GET", "/provider_credentials"],
    ["GET", "/usage"],
    ["GET", "/audit_events"],
  ];
  for (const [method, path, body] of deeds)
    assert.equal(await statusOf(vera, workspace, method, path, body), 403, `${method} ${path}`);
  assert.equal(await statusOf(vera, workspace, "GET", `/bots/${id}`), 200);
}

const WORDS = /not found|no such bot here|not there/i;

/** Every address that the stranger has, and theirs under a bot of one's own. */
function foreignPlaces() {
  const { id, documentId, conversationId } = foreign;
  const parts = (bot) => [
    `/bots/${bot}/knowledge/${documentId}`,
    `/bots/${bot}/conversations/${conversationId}`,
    `/bots/${bot}/playground/${conversationId}`,
  ];
  const screens = ["", "/configure", "/configure/versions", "/knowledge", "/retrieval"].map(
    (screen) => `/bots/${id}${screen}`,
  );
  return [...screens, ...parts(id), ...parts(kiosk.id)];
}

async function findsNothingOfAStranger() {
  const told = [];
  viewer.on("response", async (response) => {
    if (!response.url().includes("/api/v1/")) return;
    told.push(response.text().catch(() => ""));
  });
  for (const place of foreignPlaces()) {
    await viewer.goto(base + place);
    await viewer.locator("#main").getByText(WORDS).first().waitFor();
    assert.doesNotMatch(await viewer.content(), new RegExp(SECRET), place);
    assert.doesNotMatch(await viewer.title(), new RegExp(SECRET), place);
  }
  await audit(viewer, "nothing-of-a-stranger", FEW_VIEWS);
  for (const body of await Promise.all(told)) assert.doesNotMatch(body, new RegExp(SECRET));
  assert.ok(told.length > foreignPlaces().length);
}

/** An address of another workspace of one's own leads into it. */
async function switchesByADeepLink() {
  const inUse = viewer.getByRole("button", { name: /: switch to another$/ });
  await viewer.goto(`${base}/bots/${kiosk.id}`);
  await his.says("Kiosk");
  await viewer.goto(`${base}/bots/${library.id}/knowledge/${library.documentId}`);
  await his.says("Switched to the workspace “Ada Lovelace's workspace”");
  await his.says("Books are lent for four weeks.");
  assert.match(await inUse.textContent(), /Ada Lovelace/);
  await viewer.goto(`${base}/bots/${kiosk.id}/conversations/${kiosk.conversationId}`);
  await his.says("When does the kiosk open?");
  assert.match(await inUse.textContent(), /Vera Viewer/);
}

await run(
  [
    prepares,
    offersAViewerNoDeeds,
    showsAViewerSettingsToRead,
    refusesAViewerDeeds,
    findsNothingOfAStranger,
    switchesByADeepLink,
  ],
  [owner, viewer],
);
