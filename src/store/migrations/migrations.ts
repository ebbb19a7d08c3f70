// Every migration in order. Add at the end, change none that was released.
import { runTables } from "./0001-run-tables.ts";
import { engineTables } from "./0002-engine-tables.ts";
import { controlPlane } from "./0003-control-plane.ts";
import { fairRuns } from "./0004-fair-runs.ts";
import { integrationJobs } from "./0005-integration-jobs.ts";
import { loadJobs } from "./0006-load-jobs.ts";
import { streams } from "./0007-streams.ts";
import type { Migration } from "./migration.ts";

export const migrations: readonly Migration[] = [
  runTables,
  engineTables,
  controlPlane,
  fairRuns,
  integrationJobs,
  loadJobs,
  streams,
];

/** The schema this program writes and reads. */
export const schemaVersion: number = migrations.length;
