// Adds what is expected of jobs and datasets, and what they tell of their business.
import { expectations } from "./0006-expectations.ts";
import { metrics } from "./0006-metrics.ts";
import type { Migration } from "./migration.ts";

const parts = [metrics, expectations];

export const loadJobs: Migration = {
  version: 6,
  name: "load-jobs",
  compatibleWith: 6,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
