// The control calls of the job guide, on the pipeline under its name.
import { afterEach, beforeEach, expect, test } from "vitest";
import { githubJob } from "../../../src/integrations/github/job.ts";
import { startTestServer, type TestServer } from "../../support/server/test-server.ts";

const pipeline = githubJob({ organization: "acme", schedule: { interval: "4_hours", fast_recovery: "30_minutes" } });
let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ definitions: [pipeline] });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function post(action: string, body: object = {}): Promise<{ readonly status: number; readonly answer: unknown }> {
  const response = await server.request("POST", `/api/v1/jobs/github_job/${action}`, { body });
  return { status: response.status, answer: await response.json() };
}

async function show(): Promise<Record<string, unknown>> {
  const response = await server.request("GET", "/api/v1/jobs/github_job");
  return (await response.json()) as Record<string, unknown>;
}

async function stateOf(runId: string): Promise<unknown> {
  const response = await server.request("GET", `/api/v1/runs/${runId}`);
  return ((await response.json()) as { readonly state: string }).state;
}

test("start, pause, resume and stop act on the pipeline with all its members", async () => {
  const started = await post("start");
  expect(started).toMatchObject({ answer: { run_id: expect.any(String) as string } });
  const { run_id: runId } = started.answer as { readonly run_id: string };
  expect(await stateOf(runId)).toBe("PENDING");
  expect(await post("pause", { reason: "maintenance" })).toMatchObject({ status: 200 });
  expect(await stateOf(runId)).toBe("PAUSED");
  expect(await post("resume")).toMatchObject({ status: 200 });
  expect(await stateOf(runId)).toBe("PENDING");
  expect(await post("stop")).toMatchObject({ status: 200 });
  expect(await stateOf(runId)).toBe("ERROR");
});

test("a page of the pipeline shows its schedule and its streams", async () => {
  const shown = await show();
  expect(shown).toMatchObject({ job_name: "github_job", kind: "pipeline" });
  expect(JSON.stringify(shown)).toContain("github_pull_request_items");
});
