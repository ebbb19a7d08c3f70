// A sample: a few rows beside the dataset, with no watermark moved and no more asked for than is needed.
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defineJob, type Job } from "../../../src/core/job/job.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import { sqlJob } from "../../../src/data/jobs/sql-job.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { PageServer } from "../../support/data/page-server.ts";

let project: TestProject;
let server: PageServer;
beforeEach(async () => {
  server = await PageServer.start(({ query }) => {
    const from = Number(query.get("from"));
    return { body: Array.from({ length: 5 }, (_, index) => ({ id: from + index, account: query.get("account") })) };
  });
  project = await createTestProject();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function calls(output: object = {}, more: object = {}) {
  return integrationJob({
    name: "calls",
    source: {
      http: {
        url: server.url("/calls"),
        query: { account: "{{accounts.id}}", from: "{{page.offset}}", since: "{{watermark?}}" },
        pagination: { kind: "offset", size: 5 },
      },
    },
    inputs: { accounts: { dataset: "accounts", role: "activation", key: "id" } },
    watermark: { kind: "cursor", field: "id" },
    output: { dataset: "calls", mode: "append", ...output },
    ...more,
  });
}

test("asks for no further page and unit than its rows need, and leaves dataset and watermark as they are", async () => {
  await project.publish("accounts", [{ id: "a" }, { id: "b" }]);
  const first = await project.run(calls(), { sampleRows: 7 });
  expect(server.lines).toEqual(["GET /calls?account=a&from=0", "GET /calls?account=a&from=5"]);
  expect(first.result).toMatchObject({ dataset: "calls__sample", rows: 7 });
  expect(await project.query("select count(*) as n from calls__sample", ["calls__sample"])).toEqual([{ n: 7n }]);
  expect((await expectFailure(project.query("select 1 from calls", ["calls"]))).code).toBe("DATASET_UNKNOWN");
  // from the beginning again, since nothing was remembered, and in the place of the sample before
  const second = await project.run(calls(), { sampleRows: 2 });
  expect(server.lines[2]).toBe("GET /calls?account=a&from=0");
  expect(second.result).toMatchObject({ dataset: "calls__sample", rows: 2, rowCount: 2 });
});

test("checks that the rows break are told and stop nothing, and how many rows there are is not asked", async () => {
  await project.publish("accounts", [{ id: "a" }]);
  const checks = [
    { range: { id: { max: 3 } }, severity: "quarantine" },
    { rowCount: { min: 100 } },
    { notNull: ["account"] },
  ];
  const run = await project.run(calls({}, {}), { sampleRows: 1 });
  expect(run.warnings).toEqual([]);
  const checked = await project.run(calls({}, { checks }), { sampleRows: 5 });
  expect(checked.result).toMatchObject({ rows: 5, quarantined: 0 });
  expect(JSON.stringify(checked.checks)).toContain('"warn"');
});

test("is taken of files, tables, queries and what converts them", async () => {
  await project.write({ "in.csv": "id\n1\n2\n3\n4\n" });
  const file = integrationJob({
    name: "f",
    source: { file: { path: "in.csv" } },
    convert: [{ sql: "select count(*) as n from source" }],
    output: { dataset: "f" },
  });
  await project.run(file, { sampleRows: 3 });
  expect(await project.query("select * from f__sample", ["f__sample"])).toEqual([{ n: 3n }]);
  await project.run(file);
  const grown = sqlJob({
    name: "g",
    inputs: ["f"],
    sql: "select unnest(range(9)) as i from f",
    output: { dataset: "g" },
  });
  expect((await project.run(grown, { sampleRows: 4 })).result).toMatchObject({ dataset: "g__sample", rows: 4 });
  using database = new DatabaseSync(join(project.root, "x.db"));
  database.exec("create table t as select value as id from json_each('[1,2,3,4,5]')");
  for (const source of [{ table: "t" }, { query: "select id from t order by id desc" }]) {
    const sql = integrationJob({ name: "s", source: { sql: { path: "x.db", ...source } }, output: { dataset: "s" } });
    expect((await project.run(sql, { sampleRows: 2 })).result).toMatchObject({ rows: 2 });
  }
});

test("code is told of it, and cannot move a watermark in it", async () => {
  const job = defineJob({
    name: "code",
    outputs: ["made"],
    execute: async (ctx) => {
      await ctx.data.publish({ sql: "select unnest(range(9)) as i", output: { dataset: "made", mode: "append" } });
      await ctx.watermark().readUpTo(9);
      await ctx.watermark().advance(9);
      return [ctx.run.sampleRows ?? null, (await ctx.watermark().load()) ?? null];
    },
  });
  expect((await project.run(job, { sampleRows: 2 })).result).toEqual([2, null]);
  expect(await project.query("select count(*) as n from made__sample", ["made__sample"])).toEqual([{ n: 2n }]);
  expect((await project.run(job)).result).toEqual([null, 9]);
});

test("credentials have no sample, and a limit is a number of rows", async () => {
  const tokens = defineJob({ name: "tokens", purpose: "authentication", execute: () => 1 });
  expect((await expectFailure(project.run(tokens, { sampleRows: 2 }))).code).toBe("PARAMS_INVALID");
  for (const sampleRows of [0, 1.5, Number.NaN]) {
    const error = await expectFailure(project.run(calls(), { sampleRows }));
    expect(error.message).toContain("expected `$limit` to be a whole number of rows from 1 to 1000000");
  }
});

test("a sample sends nothing that may change something, and a sealed dataset has none", async () => {
  await project.publish("accounts", [{ id: "a" }]);
  const accounts = { dataset: "accounts", role: "payload" } as const;
  const http = { url: server.url("/calls"), method: "POST", body: { json: "{{accounts.rows}}" } } as const;
  const define = (more: object, own: object = {}): Job =>
    integrationJob({
      name: "sent",
      source: { http: { ...http, ...own } },
      inputs: { accounts },
      output: { dataset: "sent" },
      ...more,
    });
  for (const job of [
    define({ purpose: "egression" }),
    define({}),
    define({}, { ledger: false }),
    define({ purpose: "initiation" }),
  ]) {
    const error = await expectFailure(project.run(job, { sampleRows: 2 }));
    expect(error.code).toBe("PARAMS_INVALID");
  }
  expect(server.lines).toEqual([]);
  await project.run(define({ purpose: "extraction" }), { sampleRows: 2 });
  expect(server.lines).toEqual(["POST /calls"]);
  const sealed = calls({ mode: "replace", sealed: true }, { watermark: undefined });
  expect((await expectFailure(project.run(sealed, { sampleRows: 2 }))).code).toBe("PARAMS_INVALID");
  expect((await expectFailure(project.query("select 1 from calls__sample", ["calls__sample"]))).code).toBe(
    "DATASET_UNKNOWN",
  );
});
