// The control calls, states, schedule and messages of the job guide, on the pipeline of Jira under its name. Tests are named after its sections.
import { afterEach, beforeEach, expect, test } from "vitest";
import { jiraJob } from "../../../src/integrations/jira/job.ts";
import { startTestServer, type TestServer } from "../../support/server/test-server.ts";

const JIRA_CONFIG = {
  base_url: "https://company.atlassian.net",
  projects: ["PROJ1", "PROJ2", "PROJ3"],
  max_results: 100,
  fields: ["summary", "status", "assignee", "created", "updated", "resolutiondate", "priority"],
};
const VALIDATION_RULES = {
  jira_issue: {
    required_fields: ["key", "summary", "status", "created"],
    key_pattern: "^[A-Z]+-\\d+$",
    status_mapping: "project_specific",
  },
};
const SCHEDULE_CONFIG = { jira_job: { interval: "6_hours", fast_recovery: "1_hour", dependencies: [] } };

const pipeline = jiraJob({ config: JIRA_CONFIG, validation: VALIDATION_RULES, schedule: SCHEDULE_CONFIG });
let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ definitions: [pipeline] });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function post(action: string, body: object = {}): Promise<{ readonly status: number; readonly answer: unknown }> {
  const response = await server.request("POST", `/api/v1/jobs/jira_job/${action}`, { body });
  return { status: response.status, answer: await response.json() };
}

async function get(path: string): Promise<Record<string, unknown>> {
  const response = await server.request("GET", `/api/v1${path}`);
  return (await response.json()) as Record<string, unknown>;
}

async function start(body: object = {}): Promise<string> {
  const { answer } = await post("start", body);
  return (answer as { readonly run_id: string }).run_id;
}

const stateOf = async (runId: string): Promise<unknown> => (await get(`/runs/${runId}`))["state"];

test("Start/Stop Operations: jira_job is started, paused, resumed and stopped with all its streams", async () => {
  const runId = await start();
  expect(await stateOf(runId)).toBe("PENDING");
  expect(await post("pause", { reason: "maintenance" })).toMatchObject({ status: 200 });
  expect(await stateOf(runId)).toBe("PAUSED");
  expect(await post("resume")).toMatchObject({ status: 200 });
  expect(await stateOf(runId)).toBe("PENDING");
  expect(await post("stop")).toMatchObject({ status: 200 });
  expect(await stateOf(runId)).toBe("ERROR");
});

test("Force Operations: jira_job is stopped whatever its state, and a job without a run refuses to be", async () => {
  expect((await post("stop")).status).toBe(409);
  const runId = await start();
  await post("pause");
  expect(await post("stop", { force: true })).toMatchObject({ status: 200 });
  expect(await stateOf(runId)).toBe("ERROR");
});

test("Job Scheduling: jira_job has the interval of SCHEDULE_CONFIG", async () => {
  const { items } = (await get("/schedules")) as { readonly items?: readonly { readonly job_name: string }[] };
  const shown = await get("/jobs/jira_job");
  expect(shown).toMatchObject({ job_name: "jira_job", kind: "pipeline" });
  expect(JSON.stringify([items, shown])).toMatch(/6h|21600000/);
});

test("Data Sources: a page of jira_job shows the streams of projects, issues, sprints, workflows and users", async () => {
  const shown = JSON.stringify(await get("/jobs/jira_job"));
  for (const stream of ["projects", "issue_records", "changes", "sprints", "workflows", "users", "workflow_mapping"]) {
    expect(shown).toContain(`"jira_${stream}"`);
  }
});
