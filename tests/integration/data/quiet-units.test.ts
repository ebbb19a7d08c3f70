// Units that may change without a sign: how long after a change they are read by each run, and how often from then on.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import type { InputOptions } from "../../../src/data/units/input-options.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import { PageServer } from "../../support/data/page-server.ts";

let project: TestProject;
let server: PageServer;
beforeEach(async () => {
  server = await PageServer.start(() => ({ body: [{ id: 1 }] }));
  project = await createTestProject({ now: "2030-01-10T00:00:00Z" });
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function define(name: string, changedOnly: NonNullable<InputOptions["changedOnly"]>): Job {
  return integrationJob({
    name,
    inputs: { accounts: { dataset: "accounts", role: "activation", key: "id", changedOnly } },
    source: { http: { url: server.url("/calls"), query: { account: "{{accounts.id}}" } } },
    output: { dataset: "calls", mode: "append" },
  });
}

test("rows that may change without a sign are read until they are quiet, and now and then from then on", async () => {
  const job = define("calls", { field: "at", quietAfter: "1d" });
  const rows = [
    { id: "new", at: "2030-01-09T12:00:00Z" },
    { id: "old", at: "2029-01-01T00:00:00Z" },
    { id: "never", at: null },
  ];
  const readAt = async (at: string): Promise<readonly (string | undefined)[]> => {
    server.requests.length = 0;
    project.skipTo(at);
    expect((await project.run(job, { onFailure: "return", inputs: { accounts: rows } })).error).toBeUndefined();
    return server.lines
      .map((line) => line.split("=")[1])
      .toSorted((left = "", right = "") => left.localeCompare(right));
  };
  expect(await readAt("2030-01-10T00:00:00Z")).toEqual(["never", "new", "old"]);
  expect(await readAt("2030-01-10T06:00:00Z")).toEqual(["new"]);
  // it was quiet when it was read last
  expect(await readAt("2030-01-10T12:00:01Z")).toEqual(["new"]);
  expect(await readAt("2030-01-10T18:00:00Z")).toEqual([]);
  expect(await readAt("2030-01-11T00:00:10Z")).toEqual(["never", "old"]);
  const byText = define("by_text", { field: "id", quietAfter: "1d" });
  expect((await project.run(byText, { onFailure: "return" })).error).toMatchObject({
    code: "INPUT_INVALID",
    message: 'expected column `id` of input `accounts` to have instants, got: `"never"`',
  });
});
