import "@testing-library/jest-dom/vitest";
import { server } from "./server";
import { startTexts } from "./texts";

Object.defineProperty(window, "matchMedia", {
  value: () => ({ matches: false, addEventListener: () => undefined }),
});

beforeAll(async () => {
  server.listen({ onUnhandledRequest: "error" });
  await startTexts();
});
afterEach(() => {
  server.resetHandlers();
  localStorage.clear();
  sessionStorage.clear();
});
afterAll(() => server.close());
