import "@testing-library/jest-dom/vitest";
import { configure } from "@testing-library/react";
import { toast } from "sonner";
import { server } from "./server";
import { startTexts } from "./texts";

// What is fetched when it is first wanted takes its time where much runs at once.
configure({ asyncUtilTimeout: 5_000 });

Object.defineProperty(window, "matchMedia", {
  value: () => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }),
});

// jsdom lays nothing out: there is nothing to scroll to.
Element.prototype.scrollIntoView = () => undefined;

beforeAll(async () => {
  server.listen({ onUnhandledRequest: "error" });
  await startTexts();
});
afterEach(() => {
  toast.dismiss(); // they outlive the screen that they were shown on
  server.resetHandlers();
  localStorage.clear();
  sessionStorage.clear();
});
afterAll(() => server.close());
