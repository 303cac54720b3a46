// How smoothly an answer of 200 tokens a second is shown, and how much of 10,000 messages is in the document.
//   node e2e/bench-chat.mjs [address of the dashboard, such as `vite preview`]
// The API is played within the page: what is measured is the dashboard alone.
import { chromium } from "playwright-core";

const BASE = process.argv[2] ?? "http://127.0.0.1:4173";
const SECONDS = Number(process.env.SECONDS ?? 20);
const RATE = 200;
const LONG_TASK_MS = 50;
const MOST_NODES = 60;

/** Long tasks, and how long each frame took, from now on. */
function watch() {
  window.seen = { tasks: [], frames: [], nodes: 0 };
  new PerformanceObserver((entries) => {
    for (const { duration } of entries.getEntries()) window.seen.tasks.push(Math.round(duration));
  }).observe({ type: "longtask" });
  let last = performance.now();
  const frame = (now) => {
    window.seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

const countNodes = () => document.querySelectorAll("[data-message]").length;
const at = (sorted, share) =>
  Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;

async function streaming(page) {
  await page.goto(`${BASE}/bots/bot_1/playground`);
  const field = page.getByLabel("Your question");
  await field.waitFor();
  await page.waitForTimeout(1500);
  await page.evaluate(watch);
  await field.fill("Go?");
  await field.press("Enter");
  await page.getByRole("button", { name: "Answer again" }).waitFor({ timeout: SECONDS * 3000 });
  const { tasks, frames } = await page.evaluate(() => window.seen);
  const sorted = frames.toSorted((a, b) => a - b);
  return {
    seconds: SECONDS,
    tokens: SECONDS * RATE,
    framesPerSecond: Math.round(frames.length / (frames.reduce((a, b) => a + b, 0) / 1000)),
    frameMs: { median: at(sorted, 0.5), p95: at(sorted, 0.95), p99: at(sorted, 0.99) },
    longTasks: tasks.length,
    longestTaskMs: Math.max(0, ...tasks),
  };
}

async function long(page) {
  await page.goto(`${BASE}/bots/bot_1/playground/conv_long`);
  await page.getByText("Question 9998?").waitFor();
  const log = page.getByRole("log");
  let most = 0;
  let height = 0;
  for (let turn = 0; turn < 140; turn += 1) {
    await log.evaluate((element) => element.scrollTo(0, 0));
    await page.waitForTimeout(40);
    most = Math.max(most, await page.evaluate(countNodes));
    height = await log.evaluate((element) => element.scrollHeight);
    if (await page.getByText("Question 0?").count()) break;
  }
  await page.getByRole("button", { name: "Jump to the latest" }).click();
  await page.getByText("Question 9998?").waitFor();
  return { messages: 10_000, mostNodes: Math.max(most, await page.evaluate(countNodes)), height };
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(
    (wanted) => {
      window.bench = wanted;
    },
    { seconds: SECONDS, rate: RATE },
  );
  await page.addInitScript({ path: new URL("played-api.js", import.meta.url).pathname });
  page.on("pageerror", (error) => console.error(error.message));
  const streamed = await streaming(page);
  console.log("streaming", JSON.stringify(streamed));
  const scrolled = await long(page);
  console.log("long conversation", JSON.stringify(scrolled));
  const isGood = streamed.longestTaskMs <= LONG_TASK_MS && scrolled.mostNodes <= MOST_NODES;
  if (!isGood) process.exitCode = 1;
} finally {
  await browser.close();
}
