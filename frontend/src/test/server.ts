import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";

/** The API as the tests want it; what is asked for beside it fails the test. */
export const server = setupServer(
  http.get("*/api/v1/auth/oidc", () => HttpResponse.json({ enabled: false, name: "" })),
);

/** A refusal as the API gives it. */
export const problem = (status: number, code: string, more: Record<string, unknown> = {}) =>
  HttpResponse.json(
    {
      type: "about:blank",
      title: code,
      status,
      detail: code,
      instance: "",
      code,
      request_id: "",
      ...more,
    },
    { status, headers: { "Content-Type": "application/problem+json" } },
  );
