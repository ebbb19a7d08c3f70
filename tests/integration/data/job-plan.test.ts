// What `millrace plan` tells is what the next run does: the requests that a service gets are those of the plan.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PlannedRead } from "../../../src/core/dataset/source-plan.ts";
import type { Job } from "../../../src/core/job/job.ts";
import type { JobPlan } from "../../../src/core/job/job-plan.ts";
import { JobPipeline } from "../../../src/core/job/pipeline.ts";
import { integrationJob, type IntegrationJobDefinition } from "../../../src/data/jobs/integration-job.ts";
import { sqlJob } from "../../../src/data/jobs/sql-job.ts";
import type { HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import type { UnitOptions } from "../../../src/data/units/unit-options.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";

let project: TestProject;
let server: PageServer;
let respond: Respond;
beforeEach(async () => {
  respond = () => ({ body: [{ id: 1 }] });
  server = await PageServer.start((request) => respond(request));
  project = await createTestProject({
    now: "2026-03-10T12:00:00Z",
    connections: { crm: { http: { baseUrl: server.url("/v2"), auth: { bearer: "canary-of-the-connection" } } } },
  });
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function define(
  http: Partial<HttpSourceOptions>,
  more: UnitOptions & Partial<Pick<IntegrationJobDefinition, "output">> = {},
): Job {
  const source = { http: { url: server.url("/calls"), retry: { attempts: 1 }, ...http } };
  const options = { name: "calls", source, onEmpty: "ok", retry: { maxRetries: 0 } } as const;
  return integrationJob({ ...options, output: { dataset: "calls", mode: "append" }, ...more });
}

async function planOf(job: Job, options = {}): Promise<JobPlan> {
  const [planned] = await project.plan(job, options);
  if (planned?.plan === undefined) throw planned?.problem ?? new Error("no plan");
  return planned.plan;
}

/** As the server writes them. */
function linesOf({ source }: JobPlan): string[] {
  return (source?.reads ?? []).map((read) => ("request" in read ? lineOf(read) : "?"));
}

function lineOf({ request }: Extract<PlannedRead, { readonly request: unknown }>): string {
  return `${request.method} ${request.address.slice(server.url("").length)}`;
}

describe("the first request of each kind of pages is the one of the plan", () => {
  test.each<[string, Partial<HttpSourceOptions>, unknown]>([
    ["none", {}, [{ id: 1 }]],
    [
      "offset",
      { query: { o: "{{page.offset}}", n: "{{page.size}}" }, pagination: { kind: "offset", size: 2, start: 5 } },
      [],
    ],
    ["page", { query: { p: "{{page.number}}" }, pagination: { kind: "page", start: 0 } }, []],
    [
      "cursor",
      {
        query: { c: "{{page.cursor?}}" },
        pagination: { kind: "cursor", path: "next", start: "a b" },
        read: { rows: "rows" },
      },
      { rows: [{ id: 1 }] },
    ],
    ["cursor without a start", { query: { c: "{{page.cursor?}}" }, pagination: { kind: "cursor", lastRow: "id" } }, []],
    ["link", { query: { n: 3 }, pagination: { kind: "link" } }, [{ id: 1 }]],
    [
      "nextUrl",
      { query: { n: 3 }, pagination: { kind: "nextUrl", path: "next" }, read: { rows: "rows" } },
      { rows: [{ id: 1 }] },
    ],
    [
      "total",
      { query: { p: "{{page.number}}" }, pagination: { kind: "total", path: "total" }, read: { rows: "rows" } },
      { rows: [{ id: 1 }], total: 1 },
    ],
    [
      "flag",
      {
        method: "POST",
        body: { json: { from: "{{page.offset}}" } },
        pagination: { kind: "flag", path: "more" },
        read: { rows: "rows" },
      },
      { rows: [{ id: 1 }], more: false },
    ],
  ])("%s", async (_kind, http, body) => {
    respond = () => ({ body });
    const job = define(http);
    const plan = await planOf(job);
    expect(server.requests).toEqual([]);
    await project.run(job, { onFailure: "return" });
    expect(linesOf(plan)).toEqual(server.lines.slice(0, 1));
    const [read] = plan.source?.reads ?? [];
    const { headers, body: text } = (read as Extract<PlannedRead, { request: unknown }>).request;
    expect(text ?? "").toBe(server.requests[0]?.body);
    expect(server.requests[0]?.headers).toMatchObject(headers);
    if (http.pagination !== undefined) expect(plan.source?.then).toMatch(/^then .+, until .+/);
  });
});

test("units of an activation and of parts of time come in the order of the plan, also in the second run", async () => {
  const job = define(
    { query: { account: "{{accounts.id}}", from: "{{window.from}}", to: "{{window.to}}" } },
    {
      inputs: { accounts: { dataset: "accounts", role: "activation", key: "id" } },
      partition: "weekly",
      watermark: { kind: "time", from: "2026-02-16", to: "2026-03-11", format: "date", grace: "1d" },
      maxUnitsPerRun: 5,
      output: { dataset: "calls", mode: "merge", key: ["id"] },
    },
  );
  await project.publish("accounts", [{ id: "a" }, { id: "b" }]);
  respond = ({ index }) => ({ body: [{ id: index }] });
  const first = await planOf(job);
  expect(first).toMatchObject({ deferred: 3, units: { length: 5, 0: { key: "a 2026-02-16T00:00:00.000Z" } } });
  await project.run(job);
  expect(server.lines).toEqual(linesOf(first));
  for (let again = 0; again < 3; again += 1) {
    const before = server.lines.length;
    const plan = await planOf(job);
    await project.run(job);
    expect(server.lines.slice(before)).toEqual(linesOf(plan));
  }
  const all = await planOf(job, { isFullRefresh: true });
  expect(all).toMatchObject({ deferred: 0, units: { length: 8 }, output: { mode: "replace" } });
});

test("a cursor of rows stands in the plan as the run before has left it", async () => {
  const job = define({ query: { since: "{{watermark?}}" } }, { watermark: { kind: "cursor", field: "at" } });
  respond = () => ({ body: [{ id: 1, at: "2026-03-09" }] });
  expect(linesOf(await planOf(job))).toEqual(["GET /calls"]);
  await project.run(job);
  const plan = await planOf(job);
  expect(plan.units).toEqual([{ key: "", watermark: "2026-03-09" }]);
  await project.run(job);
  expect(server.lines.slice(1)).toEqual(linesOf(plan));
});

test("nothing that is due is no request", async () => {
  const job = define(
    { query: { d: "{{window.from}}" } },
    { watermark: { kind: "time", from: "2026-03-01", to: "2026-03-02" } },
  );
  await project.run(job);
  expect(await planOf(job)).toMatchObject({ units: [], source: { reads: [] } });
});

test("no secret is in a plan, wherever it stands in the request", async () => {
  const canary = "canary-7c11e0aa";
  const job = define(
    {
      url: server.url("/calls?api_key={{token.key}}"),
      query: { t: "{{token.key}}" },
      headers: { "x-own": "{{token.key}}", authorization: "x" },
      method: "POST",
      body: { json: { access_token: "short", key: "{{token.key}}" } },
      auth: { apiKey: { query: "k", value: "{{token.key}}" } },
    },
    { inputs: { token: { dataset: "tokens", role: "authentication" } } },
  );
  await project.publish("tokens", [{ key: canary }]);
  const planned = JSON.stringify(await project.plan(job));
  expect(planned).not.toContain(canary);
  expect(planned).not.toContain("short");
  expect(planned).toContain("/calls?api_key=[masked]&t=[masked]&k=[masked]");
  const connected = JSON.stringify(await project.plan(define({ connection: "crm", url: "/calls" })));
  expect(connected).toContain("/v2/calls");
  expect(connected).not.toContain("canary");
  expect(server.requests).toEqual([]);
});

test("what would keep the run from starting is the problem of the plan", async () => {
  const job = define(
    { auth: { bearer: "{{token.t}}" } },
    { inputs: { token: { dataset: "tokens", role: "authentication" } } },
  );
  const [missing] = await project.plan(job);
  expect(missing).toMatchObject({ problem: { code: "DATASET_UNKNOWN" } });
  await project.publish("tokens", [{ t: "a" }, { t: "b" }]);
  expect((await project.plan(job))[0]).toMatchObject({ problem: { code: "INPUT_INVALID" } });
  const unresolved = await planOf(define({ query: { d: "{{params.day}}" } }));
  expect(unresolved.source?.reads).toEqual([{ unit: "", problem: expect.stringContaining("`{{params.day}}`") }]);
});

test("files, statements, datasets and columns are told, and a job that follows knows what is renewed", async () => {
  await project.write({ "in/a.csv": "id\n1\n", "in/b.csv": "id\n2\n" });
  const load = integrationJob({ name: "load", source: { file: { path: "in/*.csv" } }, output: { dataset: "raw" } });
  const sum = sqlJob({
    name: "sum",
    inputs: ["raw"],
    sql: "select count(*) as n from raw",
    output: { dataset: "total" },
  });
  const both = new JobPipeline("both").addJob(load).addJob(sum);
  const [files, unknown] = await project.plan(both);
  expect(files?.plan?.source?.reads).toEqual([
    { file: "in/a.csv", bytes: 5 },
    { file: "in/b.csv", bytes: 5 },
  ]);
  expect(files?.plan?.output).toMatchObject({ dataset: "raw", mode: "replace", targets: [{ format: "delta" }] });
  expect(unknown).toMatchObject({ problem: { code: "DATASET_UNKNOWN" }, renewed: ["raw"] });
  await project.run(both);
  const wider = sqlJob({
    name: "sum",
    inputs: ["raw"],
    sql: "select count(*) as n, max(id) as last from raw",
    output: { dataset: "total" },
  });
  expect(await planOf(wider)).toMatchObject({
    inputs: [{ dataset: "raw", version: 1, rows: 2 }],
    output: { version: 1, columns: { added: [{ name: "last", type: "BIGINT" }], missing: [] } },
  });
  const sql = integrationJob({ name: "s", source: { sql: { path: "x.db", table: "t" } }, output: { dataset: "s" } });
  expect((await planOf(sql)).source).toEqual({
    kind: "sql",
    reads: [{ statement: "SELECT * FROM t", database: "x.db" }],
  });
  expect(await project.query("select n from total", ["total"])).toEqual([{ n: 2n }]);
});
