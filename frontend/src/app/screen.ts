import type { ComponentType } from "react";
import { loadTexts } from "@/shared/i18n";

/** A screen with the texts that it shows, fetched side by side when it is gone to. */
export const screen =
  (texts: string | string[], load: () => Promise<ComponentType>) => async () => {
    const [Component] = await Promise.all([load(), loadTexts(...[texts].flat())]);
    return { Component };
  };
