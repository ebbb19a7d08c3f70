// What the fixtures collect: a pipeline in which repositories failed, one that shows kept answers, and one that is well.
import type { CollectedJob, Collection } from "../../../src/api/collection.ts";
import { connections } from "./web-fixture-jobs.ts";
import { hour, minutesAgo } from "./web-fixture-time.ts";

const readTo = "2026-11-14T00:00:00.000Z";
const furthest = "2026-11-21T00:00:00.000Z";

const whole: CollectedJob = {
  job_name: "",
  pipelines: ["github_job"],
  connections: ["github"],
  state: "FINISHED",
  reason: null,
  last_run_id: "r4195",
  last_run_at: minutesAgo(hour),
  fresh_at: minutesAgo(hour),
  last_read_at: minutesAgo(hour),
  coverage: { units: 40, failed: 0, behind: 0, read_to: furthest, furthest },
  stale_since: null,
};

export const collection: Collection = {
  items: [
    { ...whole, job_name: "github_commits" },
    {
      ...whole,
      job_name: "github_deployments",
      reason: "partial",
      coverage: { units: 40, failed: 1, behind: 1, read_to: readTo, furthest },
    },
    {
      ...whole,
      job_name: "github_pull_requests",
      state: "ERROR",
      reason: "failed",
      last_run_id: "r4203",
      last_run_at: minutesAgo(20),
      coverage: { units: 40, failed: 2, behind: 5, read_to: readTo, furthest },
    },
    { ...whole, job_name: "github_repositories", coverage: { ...noUnits(), units: 0 } },
    {
      ...whole,
      job_name: "jira_issues",
      pipelines: ["jira_job"],
      connections: ["jira"],
      stale_since: minutesAgo(5 * hour),
      coverage: { units: 3, failed: 0, behind: 0, read_to: furthest, furthest },
    },
    { ...whole, job_name: "mail_archive", pipelines: [], connections: [], coverage: null, last_read_at: null },
    {
      ...whole,
      job_name: "partner_prices_of_all_regions",
      pipelines: [],
      connections: ["jira"],
      state: "NOT_STARTED",
      last_run_id: null,
      last_run_at: null,
      fresh_at: null,
      last_read_at: null,
      coverage: { ...noUnits(), units: 0 },
    },
  ],
  connections,
  truncated: true,
};

function noUnits(): NonNullable<CollectedJob["coverage"]> {
  return { units: 0, failed: 0, behind: 0, read_to: null, furthest: null };
}
