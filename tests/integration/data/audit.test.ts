// Checks between staging and publishing: what blocks, what warns, what is set aside, and what a person finds afterwards.
import { readdir, readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Check, CheckResult } from "../../../src/core/dataset/check.ts";
import type { PublishResult } from "../../../src/core/job/job-context.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
  await project.publish({ sql: "select * from (values ('AAA'), ('BBB')) v(iata)", output: { dataset: "airports" } });
});
afterEach(() => project[Symbol.asyncDispose]());

// id 1 and 2 are fine, 3 has no name, 4 appears twice, 5 goes to an airport that is not there
const flights = `select * from (values
  (1, 'one', 'AAA', 1.5, date '2026-01-01'), (2, 'two', 'BBB', 2.5, date '2025-12-31'), (3, null, 'AAA', -9, null),
  (4, 'four', 'BBB', 4, null), (4, 'vier', null, 4, null), (5, 'fi5e', 'ZZZ', 5, null)) v(id, name, airport, delay, day)`;

function publish(checks: readonly Check[], sql = flights): Promise<PublishResult> {
  return project.publish({ sql, checks, output: { dataset: "t" } });
}

function results(): readonly CheckResult[] {
  const event = project.events.findLast(({ type }) => type === "checks_evaluated");
  return (event?.data as unknown as { results: CheckResult[] } | undefined)?.results ?? [];
}

const rules: readonly [string, Check, number][] = [
  ["not null", { notNull: ["id", "name"] }, 1],
  ["unique", { unique: ["id"] }, 2],
  ["unique over two columns", { unique: ["id", "name"] }, 0],
  ["accepted values", { acceptedValues: { airport: ["AAA", "BBB"] } }, 1],
  ["accepted numbers", { acceptedValues: { id: [1, 2, 3, 4] } }, 1],
  ["a pattern matches the whole value", { pattern: { name: "[a-z]+" } }, 1],
  ["a range", { range: { delay: { min: 0 } } }, 1],
  ["a range of decimals against integers does not round", { range: { id: { min: 1.5, max: 4.5 } } }, 2],
  ["a range of dates", { range: { day: { min: "2026-01-01" } } }, 1],
  ["rows in range", { rowCount: { min: 6, max: 6 } }, 0],
  ["too few rows", { rowCount: { min: 7 } }, 1],
  ["fresh", { freshness: { column: "day", within: "1d" } }, 0],
  ["stale", { freshness: { column: "day", within: "23h" } }, 1],
  ["references", { references: { airport: "airports.iata" } }, 1],
  ["a query over the rows", { sql: "select * from rows where delay < 0 or id = 5" }, 2],
];

test.each(rules)("%s", async (_name, check, failing) => {
  await publish([{ ...check, severity: "warn" }]);
  expect(results()).toMatchObject([{ severity: "warn", passed: failing === 0, failingRows: failing }]);
});

test("all rules together give the same counts as one by one", async () => {
  await publish(rules.map(([, check]) => ({ ...check, severity: "warn" as const })));
  expect(results().map(({ failingRows }) => failingRows)).toEqual(rules.map(([, , failing]) => failing));
});

test("a blocking check leaves the target as it was and keeps the rows with samples for a person", async () => {
  await publish([], "select 1 as id, 'old' as name");
  const error = await expectFailure(
    publish(
      [
        { notNull: ["name"] },
        { unique: ["id"], name: "one row each" },
        { range: { id: { max: 3 } }, severity: "warn" },
      ],
      "select id, name from (" + flights + ")",
    ),
  );
  expect(error).toMatchObject({
    code: "CHECKS_FAILED",
    message: "checks of dataset `t` failed: `not_null(name)` (1 row), `one row each` (2 rows)",
    hint: "nothing was published; the staged rows and samples of the failing ones are in `.millrace/staging/failed/t`",
  });
  expect(error.message + error.hint).not.toContain("vier");
  expect(await project.rows("t")).toEqual([{ id: 1, name: "old" }]);
  expect(project.versions("t")).toHaveLength(1);
  const kept = project.path(".millrace/staging/failed/t");
  expect((await readdir(`${kept}/samples`)).toSorted()).toEqual([
    "not_null_name_.json",
    "one_row_each.json",
    "range_id_.json",
  ]);
  expect(JSON.parse(await readFile(`${kept}/samples/not_null_name_.json`, "utf8"))).toEqual([{ id: 3, name: null }]);
  expect(await readdir(`${kept}/rows`)).toEqual(["rows.parquet"]);
  const at = new Date(project.nowMs).toISOString();
  const about = { dataset: "t", run: "r3", job: "test_job", at, file: null, rows: 6 };
  expect(JSON.parse(await readFile(`${kept}/about.json`, "utf8"))).toEqual(about);
});

test("what was kept goes when the dataset is published", async () => {
  await expectFailure(publish([{ unique: ["id"] }]));
  await publish([]);
  expect(await readdir(project.staging)).toEqual([]);
});

test("quarantined rows are set aside with their reasons, counted, and replaced by the next run's", async () => {
  const checks: Check[] = [
    { references: { airport: "airports.iata" }, severity: "quarantine", name: "known airport" },
    { pattern: { name: "[a-z]+" }, severity: "quarantine" },
    { notNull: ["name"], severity: "quarantine" },
  ];
  const result = await publish(checks);
  expect(result).toMatchObject({ rows: 4, quarantined: 2 });
  expect(await project.rows("t_quarantine", "select id, _reasons from t_quarantine order by id")).toEqual([
    { id: 3, _reasons: ["not_null(name)"] },
    { id: 5, _reasons: ["known airport", "pattern(name)"] },
  ]);
  expect(project.events.find(({ type }) => type === "quarantined")?.data).toEqual({
    dataset: "t",
    into: "t_quarantine",
    rows: 2,
    unresolved: 2,
    checks: { "known airport": 1, "pattern(name)": 1, "not_null(name)": 1 },
  });
  expect(results().map(({ failingRows }) => failingRows)).toEqual([1, 1, 1]);
  await publish(checks, `select * from (${flights}) where id < 3`);
  expect(await project.rows("t_quarantine")).toEqual([]);
});

test("rows of a file are split into the same two sets", async () => {
  await project.writeParquet("raw/flights.parquet", flights);
  const result = await project.publish({
    source: { file: { path: "raw/flights.parquet" } },
    output: { dataset: "t" },
    checks: [{ range: { delay: { min: 0 } }, severity: "quarantine" }],
  });
  expect(result).toMatchObject({ rows: 5, quarantined: 1 });
});

test.each<[Check, string, string]>([
  [
    { notNull: ["nam"] },
    "SCHEMA_MISMATCH",
    "check `not_null(nam)` names a column that the rows lack: `nam`, did you mean `name`?",
  ],
  [{ range: { day: { min: "soon" } } }, "JOB_INVALID", "check `range(day)`: invalid date field format"],
  [{ pattern: { name: "(" } }, "JOB_INVALID", "check `pattern(name)`: missing )"],
  [
    { freshness: { column: "name", within: "1d" } },
    "SCHEMA_MISMATCH",
    "check `freshness(name)` needs column `name` to be a date or a timestamp, got: `VARCHAR`",
  ],
  [
    { references: { airport: "airport.iata" } },
    "DATASET_UNKNOWN",
    "unknown dataset `airport`, did you mean `airports`?",
  ],
])("a check that cannot be asked is refused before anything is staged: %j", async (check, code, message) => {
  const error = await expectFailure(publish([check]));
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
  expect(project.events.filter(({ type }) => type === "staged")).toHaveLength(1);
});
