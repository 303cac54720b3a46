import { HttpResponse, http } from "msw";
import { makeStore } from "@/app/store";
import { sessionBegan } from "@/shared/session";
import { problem, server } from "@/test/server";
import { api } from "./inside";

const page = { data: [], next_cursor: null, has_more: false };

function expired() {
  const store = makeStore();
  store.dispatch(sessionBegan("old"));
  server.use(
    http.get("*/api/v1/*", ({ request }) =>
      request.headers.get("Authorization") === "Bearer new"
        ? HttpResponse.json(page)
        : problem(401, "unauthenticated"),
    ),
  );
  return store;
}

test("two requests that find the token expired share one refresh, and are sent again", async () => {
  const store = expired();
  let refreshes = 0;
  server.use(
    http.post("*/api/v1/auth/refresh", ({ request }) => {
      refreshes += 1;
      expect(request.headers.get("X-Auth-Mode")).toBe("cookie");
      return HttpResponse.json({ access_token: "new" });
    }),
  );
  const [bots, keys] = await Promise.all([
    store.dispatch(api.endpoints.listBots.initiate({})),
    store.dispatch(api.endpoints.listApiKeys.initiate({})),
  ]);
  expect([bots.isSuccess, keys.isSuccess, refreshes]).toEqual([true, true, 1]);
});

test("a refresh that is refused leaves the session expired: its person is here still", async () => {
  const store = expired();
  server.use(http.post("*/api/v1/auth/refresh", () => problem(401, "unauthenticated")));
  await store.dispatch(api.endpoints.listBots.initiate({}));
  expect(store.getState().session).toMatchObject({ status: "expired", accessToken: null });
});

test("a service that does not answer leaves the session as it is", async () => {
  const store = expired();
  server.use(http.post("*/api/v1/auth/refresh", () => HttpResponse.error()));
  await store.dispatch(api.endpoints.listBots.initiate({}));
  expect(store.getState().session.status).toBe("active");
});
