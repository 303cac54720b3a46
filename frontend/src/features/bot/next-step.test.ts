import type { BotSummary } from "@/shared/api/inside";
import { nextStepOf } from "./next-step";
import type { Publication } from "./publication";

const none = { pending: 0, processing: 0, ready: 0, failed: 0 };

function next(
  documents: Partial<typeof none>,
  conversations = 1,
  publication: Publication = { kind: "published", version: 1 },
) {
  const summary = { documents: { ...none, ...documents }, conversations } as BotSummary;
  return nextStepOf("bot_1", summary, publication)?.id;
}

test("without documents there is nothing else to do first", () => {
  expect(next({}, 0, { kind: "draft" })).toBe("add");
});

test("documents that failed come before all that could be built on them", () => {
  expect(next({ ready: 3, failed: 2 }, 0)).toBe("failed");
});

test("while nothing is read yet it is waited, then asked, then published", () => {
  expect(next({ processing: 1 }, 0)).toBe("wait");
  expect(next({ ready: 1 }, 0, { kind: "draft" })).toBe("ask");
  expect(next({ ready: 1 }, 1, { kind: "draft" })).toBe("publish");
  expect(next({ ready: 1 }, 1, { kind: "changed", version: 1 })).toBe("publish_again");
});

test("a bot that has all it needs is left in peace", () => {
  expect(next({ ready: 1 })).toBeUndefined();
});
