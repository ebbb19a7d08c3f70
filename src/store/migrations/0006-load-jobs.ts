// Adds what is expected of jobs and datasets, what they tell of their business, and what people are told of
// them; and the environment that a store belongs to.
import { expectations } from "./0006-expectations.ts";
import { metrics } from "./0006-metrics.ts";
import { notifications } from "./0006-notifications.ts";
import type { Migration } from "./migration.ts";
import { storeEnvironment } from "./fair-runs/store-owner.ts";

const parts = [metrics, expectations, notifications, storeEnvironment];

export const loadJobs: Migration = {
  version: 6,
  name: "load-jobs",
  compatibleWith: 6,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
