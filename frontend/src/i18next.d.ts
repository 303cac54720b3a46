import type audit from "./locales/en/audit.json";
import type bot from "./locales/en/bot.json";
import type bots from "./locales/en/bots.json";
import type chat from "./locales/en/chat.json";
import type common from "./locales/en/common.json";
import type configure from "./locales/en/configure.json";
import type conversations from "./locales/en/conversations.json";
import type entrance from "./locales/en/entrance.json";
import type home from "./locales/en/home.json";
import type knowledge from "./locales/en/knowledge.json";
import type passage from "./locales/en/passage.json";
import type playground from "./locales/en/playground.json";
import type profile from "./locales/en/profile.json";
import type retrieval from "./locales/en/retrieval.json";
import type shell from "./locales/en/shell.json";
import type usage from "./locales/en/usage.json";
import type workspace from "./locales/en/workspace.json";

// A key that does not exist is a type error. A new feature's texts are named here once.
declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      audit: typeof audit;
      bot: typeof bot;
      bots: typeof bots;
      chat: typeof chat;
      common: typeof common;
      configure: typeof configure;
      conversations: typeof conversations;
      entrance: typeof entrance;
      home: typeof home;
      knowledge: typeof knowledge;
      passage: typeof passage;
      playground: typeof playground;
      profile: typeof profile;
      retrieval: typeof retrieval;
      shell: typeof shell;
      usage: typeof usage;
      workspace: typeof workspace;
    };
  }
}
