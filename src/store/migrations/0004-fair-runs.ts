// Adds what keeps one run from delaying, repeating or undoing the work of others, and stores from serving strangers.
import { connections } from "./0004-connections.ts";
import { datasetsByRun } from "./0004-datasets.ts";
import { losses } from "./0004-losses.ts";
import { quarantine } from "./0004-quarantine.ts";
import { storeOwner } from "./store-owner.ts";
import { windows } from "./0004-windows.ts";
import type { Migration } from "./migration.ts";

const parts = [storeOwner, windows, losses, datasetsByRun, quarantine, connections];

export const fairRuns: Migration = {
  version: 4,
  name: "fair-runs",
  compatibleWith: 4,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
