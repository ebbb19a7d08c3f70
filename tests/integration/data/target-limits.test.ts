// Published rows are the checked rows: what a target could hold only by changing it is refused before any target publishes.
import { existsSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatasetTargets } from "../../../src/core/dataset/dataset.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const sqlite: DatasetTargets = { sqlite: { path: "out/t.sqlite" } };
const withNan = "select * from (values (1, 'nan'::double), (2, 2.5), (3, null), (4, 'nan')) v(id, score)";

test("NaN is refused by an SQLite target by name, with the number of rows, and nothing is published", async () => {
  const error = await expectFailure(project.publish({ sql: withNan, output: { dataset: "t", ...sqlite } }));
  expect(error).toMatchObject({
    code: "TARGET_VALUE_UNSUPPORTED",
    disposition: "fail",
    message: "the sqlite target of dataset `t` cannot hold NaN in column `score`, rows: `2`",
    hint: expect.stringContaining("quarantine"),
    details: { dataset: "t", limits: [{ target: "sqlite", column: "score", what: "NaN", rows: 2 }] },
  });
  expect(existsSync(project.path("out/t.sqlite"))).toBe(false);
  expect(project.versions("t")).toEqual([]);
});

test("no target publishes when one of them cannot hold a value", async () => {
  const output = { dataset: "t", parquet: { path: "out/t.parquet" }, duckdb: { path: "out/t.duckdb" }, ...sqlite };
  await project.publish({ sql: "select 1 as id, 1.5::double as score", output });
  expect(await expectFailure(project.publish({ sql: withNan, output }))).toMatchObject({
    code: "TARGET_VALUE_UNSUPPORTED",
  });
  expect(await project.rows("t")).toEqual([{ id: 1, score: 1.5 }]);
});

test.each([
  ["a whole number beyond 64 bits", "18446744073709551615::ubigint", sqlite],
  ["a whole number beyond 64 bits", "12345678901234567890::decimal(20,0)", sqlite],
  ["parts of a microsecond", "'2001-01-01 00:00:00.000000001'::timestamp_ns", sqlite],
] as const)("%s such as %s is refused by a target that is not named first", async (what, value, targets) => {
  const output = { dataset: "t", parquet: { path: "out/t.parquet" }, ...targets };
  const error = await expectFailure(project.publish({ sql: `select ${value} as n`, output }));
  expect(error).toMatchObject({ code: "TARGET_VALUE_UNSUPPORTED", message: expect.stringContaining(what) });
  expect(existsSync(project.path("out/t.parquet"))).toBe(false);
});

test("rows that a quarantine check sets aside are none of the target's business", async () => {
  const result = await project.publish({
    sql: withNan,
    output: { dataset: "t", ...sqlite },
    checks: [{ range: { score: { max: 1e300 } }, severity: "quarantine" }],
  });
  expect(result).toMatchObject({ rows: 2, quarantined: 2 });
  expect(await project.rows("t")).toEqual([
    { id: 2, score: 2.5 },
    { id: 3, score: null },
  ]);
});

test.each(["infinity", "-infinity"])("what SQLite holds as text stays as it is: %s", async (value) => {
  const list = ["date", "timestamp", "timestamptz", "double"].map((type) => `'${value}'::${type} as of_${type}`);
  await project.publish({ sql: `select ${list.join(", ")}`, output: { dataset: "t", ...sqlite } });
  const [row] = await project.rows("t", "select columns(*)::varchar from t");
  expect(new Set(Object.values(row ?? {}).map((text) => String(text).slice(0, value.length - 5)))).toEqual(
    new Set([value.slice(0, -5)]),
  );
});
