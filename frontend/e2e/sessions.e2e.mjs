// How a session goes on, in one tab and in two, and how it ends without anything that was typed being lost.
//   node sessions.e2e.mjs ADDRESS FOLDER-FOR-SCREENSHOTS
import assert from "node:assert/strict";
import { audit, base, FEW_VIEWS, newPerson, newTab, on, run } from "./harness.mjs";
import { logIn, PASSWORD, Person } from "./seed.mjs";

const TEXT = "Books are lent for four weeks. A loan may be renewed twice, unless somebody waits.\n";

const owner = await newPerson();
const hers = on(owner);
let ada;
let library;

async function prepares() {
  ada = await Person.register("Ada Lovelace");
  library = await ada.botWith("Harbour library", TEXT, "For how long are books lent?");
  await logIn(owner, ada);
}

/** Both tabs take fresh tokens at the same time, and are left in the midst of it; used twice, a token ends the session. */
async function staysLoggedInInTwoTabs() {
  const tab = await newTab(owner.context());
  const both = [owner, tab];
  for (let times = 0; times < 5; times += 1)
    await Promise.all(
      both.map((page) =>
        page
          .goto(base, { waitUntil: "commit" })
          .then(() => page.waitForRequest("**/auth/refresh", { timeout: 500 }).catch(() => {})),
      ),
    );
  await Promise.all(both.map((page) => page.goto(base)));
  await Promise.all(both.map((page) => page.getByRole("heading", { name: /^Welcome/ }).waitFor()));
  await tab.close();
}

/** From another device, by its profile. */
async function endsElsewhere() {
  const tab = await newPerson();
  await logIn(tab, ada);
  await tab.goto(`${base}/profile`);
  await on(tab).button("Log out everywhere else").click();
  await audit(tab, "end-other-sessions", FEW_VIEWS);
  await tab
    .getByRole("alertdialog")
    .getByRole("button", { name: "Log out everywhere else" })
    .click();
  await on(tab).says("You are logged out everywhere else");
  await on(tab).says("This device");
  await tab.context().close();
}

/** The token in use is refused until it is renewed, as when its time is up; tells how often it was. */
async function expire(page) {
  let renewals = 0;
  const spoilt = (token) => token.replace(/[^.]*$/, "expired");
  await page.route("**/api/v1/**", async (route) => {
    const { authorization, ...headers } = await route.request().allHeaders();
    if (route.request().url().endsWith("/auth/refresh")) renewals += 1;
    const isOld = authorization && renewals === 0;
    await route.continue(
      isOld ? { headers: { ...headers, authorization: spoilt(authorization) } } : {},
    );
  });
  return () => renewals;
}

const instructions = (page) => page.locator("#main textarea").first();

/** Reads, what is typed and what is sent go on; one renewal is enough for all of them. */
async function goesOnAfterATokenExpires() {
  await owner.goto(`${base}/bots/${library.id}/configure`);
  await instructions(owner).waitFor();
  const renewals = await expire(owner);
  await instructions(owner).fill("For visitors of the harbour.");
  await hers.button("Save").click();
  await hers.says("The draft is saved");
  assert.equal(renewals(), 1);
  await owner.unrouteAll({ behavior: "wait" });
  await owner.getByRole("link", { name: "Playground", exact: true }).click();
  await hers.field("Your question").fill("May a loan be");
  const renewalsOfChat = await expire(owner);
  await hers.field("Your question").pressSequentially(" renewed?");
  await owner.keyboard.press("Enter");
  await owner
    .getByRole("article", { name: "Answer" })
    .getByText(/renewed twice/)
    .waitFor();
  assert.equal(renewalsOfChat(), 1);
  await owner.unrouteAll({ behavior: "wait" });
}

/** Every tab of a session that was ended elsewhere asks for the password, over what was typed in it. */
async function losesNothingWhenASessionEnds() {
  await owner.goto(`${base}/bots/${library.id}/configure`);
  await instructions(owner).fill("For visitors, and for the crew.");
  const tab = await newTab(owner.context());
  await tab.goto(`${base}/bots/${library.id}/playground`);
  await on(tab).field("Your question").fill("May dogs");
  await endsElsewhere();
  await hers.button("Save").click();
  await hers.says("Your session has ended.");
  await audit(owner, "log-in-again", FEW_VIEWS);
  await on(tab).says("Your session has ended.");
  await hers.field("Password").fill("not the password at all");
  await owner.keyboard.press("Enter");
  await owner
    .getByRole("alertdialog")
    .locator(".text-danger-soft-ink, .text-danger")
    .first()
    .waitFor();
  await hers.field("Password").fill(PASSWORD);
  await owner.keyboard.press("Enter");
  await owner.getByRole("alertdialog").waitFor({ state: "detached" });
  await tab.getByRole("alertdialog").waitFor({ state: "detached" });
  assert.equal(await instructions(owner).inputValue(), "For visitors, and for the crew.");
  assert.equal(await on(tab).field("Your question").inputValue(), "May dogs");
  await hers.button("Save").click();
  await hers.says("The draft is saved");
  await tab.close();
}

/** Whoever takes another way in sees nothing any more of what was there. */
async function showsNothingAfterASessionEnded() {
  await endsElsewhere();
  await owner.getByRole("link", { name: "Bots", exact: true }).first().click();
  await hers.button("Log in another way").click();
  await owner.waitForURL(/\/login\?next=%2Fbots/);
  await hers.field("E-mail").waitFor();
  assert.equal(await owner.getByText(library.name).count(), 0);
}

await run(
  [
    prepares,
    goesOnAfterATokenExpires,
    staysLoggedInInTwoTabs,
    losesNothingWhenASessionEnds,
    showsNothingAfterASessionEnded,
  ],
  [owner],
);
