// What keeps runs from paying for others: stores that know whose they are.
import { storeOwner } from "./0004-store-owner.ts";
import type { Migration } from "./migration.ts";

const parts = [storeOwner];

export const fairRuns: Migration = {
  version: 4,
  name: "fair-runs",
  compatibleWith: 4,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
