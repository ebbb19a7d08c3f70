// Builds the browser's part of the package from `src/web` into `dist/web`, with names that stay while a file stays.
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type UserConfig } from "vite";

const repositoryRoot = resolve(import.meta.dirname, "..", "..");

const frame: RegExp =
  /src\/(?:api\/(?:routes|role|delivery\/sprint)|client\/[\w-]+|core\/(?:duration|notification\/notification-state|delivery\/dora-metrics|errors\/(?:errors|error-codes|error-class))|web\/(?:search-params|queries\/[\w-]+|search\/[\w-]+|components\/(?:frame\/(?!command-palette|palette-commands|keyboard-help|reader-zone)[\w-]+|(?:values\/icon|actions\/(?:toast|menu|copy-command)|tables\/(?:error-state|message-text|empty-state)))))\.tsx?$/;

/** Routes have a line each for the OpenAPI document, of which no page shows a word. */
const withoutSummaries: Plugin = {
  name: "without-summaries",
  transform: {
    filter: { id: /src\/api\/routes\.ts$/ },
    handler: (code) =>
      code.replaceAll(/("(?:public|viewer|operator|editor|admin)",\s*|force\("[^"]*",\s*)"(?:[^"\\]|\\.)*"/g, '$1""'),
  },
};

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  base: "/",
  publicDir: false,
  plugins: [react(), withoutSummaries],
  build: {
    outDir: resolve(repositoryRoot, "dist", "web"),
    emptyOutDir: true,
    manifest: true,
    // Nothing inlined: the content security policy allows no `data:` scripts, styles or fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome123", "firefox121", "safari17.5"],
    sourcemap: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 500,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(?:react|react-dom|scheduler)\//, priority: 2 },
            {
              name: "tanstack",
              test: /node_modules\/@tanstack\/(?:react-router|router-core|history|react-query|query-core|react-store|store)\//,
              priority: 1,
            },
            // What every page needs of our own as one file, rather than twenty that are asked for one by one.
            { name: "frame", test: frame },
          ],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    port: 5173,
    strictPort: true,
    proxy: { "/api": { target: "http://127.0.0.1:4680", ws: true } },
  },
});

export default config;
