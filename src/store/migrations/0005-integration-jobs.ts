// Adds what jobs that talk to services leave behind for people to look at.
import { columns } from "./integration-jobs/columns.ts";
import { exchanges } from "./integration-jobs/exchanges.ts";
import { requests } from "./integration-jobs/requests.ts";
import type { Migration } from "./migration.ts";

const parts = [columns, exchanges, requests];

export const integrationJobs: Migration = {
  version: 5,
  name: "integration-jobs",
  compatibleWith: 5,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
