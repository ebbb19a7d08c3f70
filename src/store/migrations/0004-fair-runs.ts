// What fairness among runs needs of the store: a fault hits the run that made it, and a run never undoes a newer one.
import { datasetsByRun } from "./0004-datasets.ts";
import type { Migration } from "./migration.ts";

const parts = [datasetsByRun];

export const fairRuns: Migration = {
  version: 4,
  name: "fair-runs",
  compatibleWith: 4,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
