import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const API = process.env.CHATSPHERE_API ?? "http://127.0.0.1:8000";

/** sonner writes a style element when it is loaded, which our CSP forbids; its styles.css is imported instead. */
function withoutInjectedStyles(): Plugin {
  return {
    name: "without-injected-styles",
    enforce: "pre",
    transform(code, id) {
      if (!/[\\/]sonner[\\/]dist[\\/]index\.mjs/.test(id)) return null;
      const bare = code.replace(/^__insertCSS\(.*\);$/gm, "");
      if (bare === code) this.error("sonner injects its styles in another way than it used to");
      return { code: bare, map: null };
    },
  };
}

/** react-aria brings its own words in some thirty languages: those that the dashboard does not speak are left out. */
function withoutOtherLanguages(): Plugin {
  const ours = /^(?:en|de|fr|es|pt|it|nl|ja|zh|ar|he|fa)-/;
  return {
    name: "without-other-languages",
    enforce: "pre",
    apply: "build",
    load(id) {
      const [, locale] =
        /[\\/]react-aria[\\/]dist[\\/]private[\\/]intl[\\/].*[\\/]([a-z]{2}-[A-Z]{2})\.mjs$/.exec(
          id,
        ) ?? [];
      return locale && !ours.test(locale) ? "export default undefined" : null;
    },
  };
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Its package names the development build for everybody.
const routerForProduction = {
  "react-router/dom": here("./node_modules/react-router/dist/production/dom-export.mjs"),
  "react-router": here("./node_modules/react-router/dist/production/index.mjs"),
};

export default defineConfig(({ mode }) => ({
  plugins: [withoutInjectedStyles(), withoutOtherLanguages(), react(), tailwindcss()],
  resolve: { alias: { "@": here("./src"), ...(mode === "production" && routerForProduction) } },
  // The API compares Origin and Host, so the proxy leaves Host as the browser sent it.
  server: { proxy: { "/api": { target: API, changeOrigin: false, ws: true } } },
  preview: {
    proxy: { "/api": { target: API, changeOrigin: false, ws: true } },
    headers: {
      "Content-Security-Policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    },
  },
  build: {
    target: "es2022",
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  test: {
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "http://localhost/" } },
    globals: true,
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    testTimeout: 20_000,
  },
}));
