import type { RouteObject } from "react-router";
import { paths } from "@/shared/paths";
import { screen } from "./screen";

const ofBots: RouteObject[] = [
  {
    path: paths.bot(":botId"),
    lazy: screen("bot", () => import("@/features/bot/bot-layout").then((m) => m.BotLayout)),
    children: [
      {
        index: true,
        lazy: screen("bot", () => import("@/features/bot/overview").then((m) => m.Overview)),
      },
      {
        path: paths.configure(":botId"),
        lazy: screen("configure", () =>
          import("@/features/configure/configure").then((m) => m.Configure),
        ),
      },
      {
        path: paths.versions(":botId"),
        lazy: screen("configure", () =>
          import("@/features/configure/versions").then((m) => m.Versions),
        ),
      },
      {
        path: paths.knowledge(":botId"),
        lazy: screen("knowledge", () =>
          import("@/features/knowledge/knowledge").then((m) => m.Knowledge),
        ),
      },
      {
        path: paths.document(":botId", ":documentId"),
        lazy: screen(["knowledge", "passage"], () =>
          import("@/features/knowledge/document-detail").then((m) => m.DocumentDetail),
        ),
      },
      {
        path: paths.retrieval(":botId"),
        lazy: screen(["retrieval", "passage"], () =>
          import("@/features/retrieval/retrieval-lab").then((m) => m.RetrievalLab),
        ),
      },
      {
        // One place: it stays while a first question becomes a conversation.
        path: paths.chat(":botId", ":conversationId?"),
        lazy: screen(["playground", "chat", "passage"], () =>
          import("@/features/playground/playground").then((m) => m.Playground),
        ),
      },
      {
        path: paths.conversations(":botId"),
        lazy: screen("conversations", () =>
          import("@/features/conversations/conversations").then((m) => m.Conversations),
        ),
      },
      {
        path: paths.conversation(":botId", ":conversationId"),
        lazy: screen(["conversations", "chat", "passage"], () =>
          import("@/features/conversations/conversation-detail").then((m) => m.ConversationDetail),
        ),
      },
    ],
  },
];

const ofWorkspaces: RouteObject[] = [
  {
    path: paths.workspace,
    lazy: screen("workspace", () => import("@/features/workspace/layout").then((m) => m.Layout)),
    children: [
      {
        index: true,
        lazy: screen("workspace", () =>
          import("@/features/workspace/settings").then((m) => m.Settings),
        ),
      },
      {
        path: paths.members,
        lazy: screen("workspace", () =>
          import("@/features/workspace/members").then((m) => m.Members),
        ),
      },
      {
        path: paths.apiKeys,
        lazy: screen("workspace", () =>
          import("@/features/workspace/api-keys").then((m) => m.ApiKeys),
        ),
      },
      {
        path: paths.usage,
        lazy: screen("usage", () => import("@/features/usage/usage").then((m) => m.Usage)),
      },
      {
        path: paths.audit,
        lazy: screen("audit", () => import("@/features/audit/audit").then((m) => m.Audit)),
      },
    ],
  },
  {
    path: paths.profile,
    lazy: screen("profile", () => import("@/features/profile/profile").then((m) => m.Profile)),
  },
];

/** Every screen behind the log-in; apart from the ways in, which need not load this list. */
export const inside: RouteObject[] = [
  {
    path: paths.home,
    lazy: screen("home", () => import("@/features/home/home").then((m) => m.Home)),
  },
  {
    path: paths.bots,
    lazy: screen("bots", () => import("@/features/bots/bots").then((m) => m.Bots)),
  },
  {
    path: paths.newBot,
    lazy: screen("bots", () => import("@/features/bots/bots").then((m) => m.NewBot)),
  },
  ...ofBots,
  ...ofWorkspaces,
  { path: "*", lazy: () => import("./not-found").then((m) => ({ Component: m.NotFound })) },
];
