// What keeps runs from paying for others: deaths are told apart by who was aboard.
import { losses } from "./0004-losses.ts";
import type { Migration } from "./migration.ts";

const parts = [losses];

export const fairRuns: Migration = {
  version: 4,
  name: "fair-runs",
  compatibleWith: 4,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
