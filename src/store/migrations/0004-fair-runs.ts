// Adds what keeps one run from delaying, repeating or undoing the work of others, and stores from serving strangers.
import { connections } from "./fair-runs/connections.ts";
import { datasetsByRun } from "./fair-runs/datasets.ts";
import { losses } from "./fair-runs/losses.ts";
import { quarantine } from "./fair-runs/quarantine.ts";
import { storeOwner } from "./fair-runs/store-owner.ts";
import { windows } from "./fair-runs/windows.ts";
import type { Migration } from "./migration.ts";

const parts = [storeOwner, windows, losses, datasetsByRun, quarantine, connections];

export const fairRuns: Migration = {
  version: 4,
  name: "fair-runs",
  compatibleWith: 4,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
