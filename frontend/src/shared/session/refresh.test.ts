import { HttpResponse, http } from "msw";
import { makeStore } from "@/app/store";
import { server } from "@/test/server";
import { sessionBegan, sessionEnded, startSession } from ".";

function countRefreshes(): () => number {
  let count = 0;
  server.use(
    http.post("*/api/v1/auth/refresh", () => {
      count += 1;
      return HttpResponse.json({ access_token: "a-token" });
    }),
  );
  return () => count;
}

test("who never had a session here is not asked for one", async () => {
  const refreshes = countRefreshes();
  const store = makeStore();
  await startSession(store.dispatch);
  expect([refreshes(), store.getState().session.status]).toEqual([0, "anonymous"]);
});

test("the session of the last visit is taken up; one that was logged out of is not", async () => {
  const refreshes = countRefreshes();
  makeStore().dispatch(sessionBegan("an-earlier-token"));
  const next = makeStore();
  await startSession(next.dispatch);
  expect([refreshes(), next.getState().session.status]).toEqual([1, "active"]);
  next.dispatch(sessionEnded());
  await startSession(makeStore().dispatch);
  expect(refreshes()).toBe(1);
});
