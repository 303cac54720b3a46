import type bots from "./locales/en/bots.json";
import type common from "./locales/en/common.json";
import type entrance from "./locales/en/entrance.json";
import type home from "./locales/en/home.json";

// A key that does not exist is a type error. A new feature's texts are named here once.
declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      bots: typeof bots;
      common: typeof common;
      entrance: typeof entrance;
      home: typeof home;
    };
  }
}
