// Steps of `convert` through the whole of publishing: units, rows that are set aside, what is recorded.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ConvertStep } from "../../../src/core/dataset/convert-step.ts";
import { integrationJob, type IntegrationJobDefinition } from "../../../src/data/jobs/integration-job.ts";
import { createTestProject, type TestRunOptions } from "../../../src/testing.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const output = { dataset: "t", parquet: { path: "out/t.parquet" } } as const;

async function publish(csv: string, convert: readonly ConvertStep[], more: object = {}) {
  await project.write("raw.csv", csv);
  return await project.publish({ source: { file: { path: "raw.csv" } }, convert, output, onEmpty: "fail", ...more });
}

test("rows that steps set aside are in the quarantine as they were, and each row is in one place", async () => {
  const csv = "id,amount,mail\n1,1.50,a\n2,x,b\n3,,c\n4,1.255,d\n";
  const { rows, quarantined, dataset } = await publish(
    csv,
    [
      { encrypt: ["mail"] },
      { cast: { amount: { type: "DECIMAL(9,2)", empty: "null" } }, onError: "quarantine" },
      { rename: { id: "key" } },
    ],
    { checks: [{ notNull: ["amount"], severity: "quarantine" }] },
  );
  expect([rows, quarantined]).toEqual([1, 3]);
  expect(dataset.schema.map(({ name, type }) => `${name} ${type}`)).toEqual([
    "key BIGINT",
    "amount DECIMAL(9,2)",
    "mail VARCHAR",
  ]);
  const select =
    "select key, amount, _reasons, json_extract_string(_quarantine_row, '$.amount') as was, _quarantine_row, _quarantine_file from t_quarantine order by was";
  const aside = await project.rows("t_quarantine", select);
  expect(aside.map(({ key, amount, was, _reasons }) => ({ key, amount, was, _reasons }))).toEqual([
    {
      key: null,
      amount: null,
      was: "1.255",
      _reasons: ["step 2 (`cast`): column `amount` holds a value that is no DECIMAL(9,2)"],
    },
    {
      key: null,
      amount: null,
      was: "x",
      _reasons: ["step 2 (`cast`): column `amount` holds a value that is no DECIMAL(9,2)"],
    },
    { key: 3n, amount: null, was: null, _reasons: ["not_null(amount)"] },
  ]);
  expect(aside.every((row) => row["_quarantine_file"] === "raw.csv")).toBe(true);
  // what is encrypted is so in the quarantine, too
  expect(String(aside[1]?.["_quarantine_row"])).toContain('"mail":"mr1.');
});

test("a day without a row that does not fit empties the quarantine of the day before", async () => {
  const steps: ConvertStep[] = [{ cast: { amount: "BIGINT" }, onError: "quarantine" }];
  await publish("id,amount\n1,x\n", steps, { onEmpty: "ok" });
  expect(await project.rows("t_quarantine", "select count(*) as n from t_quarantine")).toEqual([{ n: 1n }]);
  await publish("id,amount\n1,7\n", steps);
  expect(await project.rows("t_quarantine", "select count(*) as n from t_quarantine")).toEqual([{ n: 0n }]);
  expect(await project.rows("t")).toEqual([{ id: 1n, amount: 7n }]);
});

test("a delivery without rows runs through the steps without columns, and a wrong column is no wrong column of nothing", async () => {
  const steps: ConvertStep[] = [{ rename: { id: "key" } }];
  await project.write("raw.json", '[{"id": 1}]');
  const request = { source: { file: { path: "raw.json" } }, convert: steps, output } as const;
  await project.publish(request);
  await project.write("raw.json", "[]");
  expect((await project.publish({ ...request, onEmpty: "ok" })).rows).toBe(0);
  const error = await expectFailure(project.publish({ ...request, onEmpty: "fail" }));
  expect(error.code).toBe("SOURCE_EMPTY");
});

test("an error of a step names step and column, and no value of a row", async () => {
  const missing = await expectFailure(publish("id,mail\n1,canary\n", [{ drop: ["id"] }, { select: ["email"] }]));
  expect(missing).toMatchObject({
    code: "SCHEMA_MISMATCH",
    message: "step 2 (`select`): there is no column `email`, did you mean `mail`?",
    hint: "columns before this step: mail",
  });
  const failing = await expectFailure(publish("id,mail\n1,canary\n", [{ cast: { mail: "BIGINT" } }]));
  expect(failing).toMatchObject({
    code: "CONVERT_FAILED",
    message: "step 1 (`cast`): column `mail` holds a value that is no BIGINT",
  });
});

test("steps read what the job declares, and nothing else", async () => {
  await project.publish({ sql: "select 1 as id", output: { dataset: "known" } });
  const inKnown = { filter: { sql: "id in (select id from known)" } };
  const { rows } = await publish("id\n1\n2\n", [inKnown], { inputs: ["known"] });
  expect(rows).toBe(1);
  const error = await expectFailure(publish("id\n1\n2\n", [inKnown]));
  expect(error).toMatchObject({ code: "DATASET_UNKNOWN" });
});

test("steps that a run gives are looked at as those of a job", async () => {
  const error = await expectFailure(publish("id\n1\n", [{ selct: ["id"] } as never]));
  expect(error).toMatchObject({
    code: "JOB_INVALID",
    message: "unknown option `selct` of `convert[0]` of dataset `t`, did you mean `select`?",
  });
});

test("either a query or steps", async () => {
  const error = await expectFailure(publish("id\n1\n", [{ drop: ["id"] }], { sql: "select 1 as a" }));
  expect(error).toMatchObject({ code: "VALUE_INVALID", message: "dataset `t` takes either `sql` or `convert`" });
});

/** Runs a job over a service whose answers are given, and gives its rows. */
async function runJob(
  respond: Respond,
  definition: (url: string) => Omit<IntegrationJobDefinition<"calls">, "name" | "output">,
  inputs: NonNullable<TestRunOptions["inputs"]>,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  await using server = await PageServer.start(respond);
  await using tests = await createTestProject();
  const output = { dataset: "calls", mode: "append" } as const;
  const job = integrationJob({ name: "calls", output, ...definition(server.url("/calls")) });
  return (await tests.run(job, { inputs })).output["calls"] ?? [];
}

const accounts = { dataset: "accounts", role: "activation", key: "id" } as const;

test.each([
  ["plain rows", (id: string) => [{ n: Number(id), filename: "own" }], [1, 2, 3]],
  ["rows with numbers of many digits", (id: string) => [{ n: Number(id), o: { x: 1.5, y: "t" } }], [1, 2, 3]],
  ["no row of one", (id: string) => (id === "2" ? [] : [{ n: Number(id) }]), [1, 3]],
] as const)("each row of a unit has the values of the unit: %s", async (_name, rowsOf, expected) => {
  const respond: Respond = ({ query }) => {
    const body = JSON.stringify(rowsOf(query.get("account") ?? "")).replace('"x":1.5', '"x":12345678901234567.89');
    return { body };
  };
  const rows = await runJob(
    respond,
    (url) => ({
      inputs: { accounts },
      source: { http: { url, query: { account: "{{accounts.id}}" } } },
      convert: [{ select: ["n"] }, { derive: { account: "{{accounts.id}}", name: "{{accounts.name?}}" } }],
    }),
    {
      accounts: [
        { id: "1", name: "a" },
        { id: "2", name: null },
        { id: "3", name: "c" },
      ],
    },
  );
  expect(rows.toSorted((a, b) => Number(a["n"]) - Number(b["n"]))).toEqual(
    expected.map((n) => ({ n: BigInt(n), account: String(n), name: [null, "a", null, "c"][n] })),
  );
});

test("rows of files that a service gives have the values of their unit, too", async () => {
  const rows = await runJob(
    ({ query }) => ({ body: `n\n${query.get("account") ?? ""}\n`, headers: { "content-type": "text/csv" } }),
    (url) => ({
      inputs: { accounts },
      source: { http: { url, query: { account: "{{accounts.id}}" }, read: { format: "csv" } } },
      convert: [{ derive: { account: "{{accounts.id}}" } }],
    }),
    { accounts: [{ id: "1" }, { id: "2" }] },
  );
  expect(rows).toEqual([
    { n: 1n, account: "1" },
    { n: 2n, account: "2" },
  ]);
});

test("a job that has the key reads what another one has encrypted", async () => {
  await using tests = await createTestProject({ files: { "raw.csv": "id,mail\n1,a@x.no\n" } });
  const write = integrationJob({
    name: "write",
    source: { file: { path: "raw.csv" } },
    convert: [{ encrypt: ["mail"] }],
    output: { dataset: "sealed" },
  });
  const read = integrationJob({
    name: "read",
    source: { dataset: "sealed" },
    convert: [{ decrypt: ["mail"] }],
    output: { dataset: "opened" },
  });
  const sealed = (await tests.run(write)).output["sealed"];
  expect(String(sealed?.[0]?.["mail"])).toMatch(/^mr1\.[0-9a-f]{8}\./);
  expect((await tests.run(read)).output["opened"]).toEqual([{ id: 1n, mail: "a@x.no" }]);
});

test("params stand for themselves where the source has no variables", async () => {
  await using tests = await createTestProject({ files: { "raw.csv": "id\n1\n" } });
  const job = integrationJob({
    name: "ingest",
    source: { file: { path: "raw.csv" } },
    convert: [{ derive: { day: "{{params.day}}" } }],
    output: { dataset: "days" },
  });
  expect((await tests.run(job, { params: { day: "2026-01-31" } })).output["days"]).toEqual([
    { id: 1n, day: "2026-01-31" },
  ]);
  const failing = await tests.run(job, { onFailure: "return" });
  expect(failing.error).toMatchObject({ code: "VARIABLE_UNRESOLVED" });
});

test("a version knows which columns of the source its columns are made of, and merging keeps that of columns that are lacking", async () => {
  const steps: ConvertStep[] = [
    { select: { key: "id", sum: "a" } },
    { derive: { sum: { sql: "sum + key" }, origin: "crm" } },
  ];
  const merge = { output: { dataset: "t", mode: "merge", key: ["key"], duckdb: { path: "out/t.duckdb" } } };
  const first = await publish("id,a\n1,2\n", steps, merge);
  const known = [
    { name: "key", type: "BIGINT", from: ["id"] },
    { name: "sum", type: "BIGINT", from: ["a", "id"] },
    { name: "origin", type: "VARCHAR", from: [] },
  ];
  expect(first.dataset.schema.map(({ from, ...column }) => ({ ...column, from: from?.toSorted() }))).toEqual(known);
  const later = await publish("id,a\n2,3\n", [{ rename: { id: "key" } }, { drop: ["a"] }], merge);
  expect(later.dataset.schema.map(({ from, ...column }) => ({ ...column, from: from?.toSorted() }))).toEqual(known);
  const opaque = await publish("id,a\n2,3\n", [{ sql: "select id as key from source" }]);
  expect(opaque.dataset.schema).toEqual([{ name: "key", type: "BIGINT" }]);
});

test("a token is in no row", () => {
  const define = (): unknown =>
    integrationJob({
      name: "calls",
      inputs: { token: { dataset: "tokens", role: "authentication" } },
      source: { http: { url: "https://x.example" } },
      convert: [{ derive: { t: "{{token.access_token}}" } }],
      output: { dataset: "calls" },
    });
  expect(define).toThrow("to be a variable that is no secret, since rows are for everybody to read");
});
