import "./styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startI18n } from "@/shared/i18n";
import { startSession } from "@/shared/session";
import { App } from "./app";
import { followMailLink } from "./mail-links";
import { makeRouter } from "./routes";
import { startStore } from "./store";

followMailLink(location);
// A link that is opened where the dashboard is open already does not load it anew.
window.addEventListener("hashchange", () => location.pathname === "/" && location.reload());

const store = startStore();
const ready = startI18n();
await Promise.all([ready, startSession(store.dispatch)]);
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App store={store} router={makeRouter(store)} />
  </StrictMode>,
);
