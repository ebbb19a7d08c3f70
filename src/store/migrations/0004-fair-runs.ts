// What keeps runs from doing the work of others again.
import { windows } from "./0004-windows.ts";
import type { Migration } from "./migration.ts";

const parts = [windows];

export const fairRuns: Migration = {
  version: 4,
  name: "fair-runs",
  compatibleWith: 4,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
