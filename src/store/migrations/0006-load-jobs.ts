// Adds what jobs that load tables of others leave behind: what people are told of them.
import { notifications } from "./0006-notifications.ts";
import type { Migration } from "./migration.ts";

const parts = [notifications];

export const loadJobs: Migration = {
  version: 6,
  name: "load-jobs",
  compatibleWith: 6,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
