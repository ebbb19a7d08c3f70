// A value that a Delta table cannot hold is refused by name before any target publishes, or set aside; all else is
// published as it was checked.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatasetOutput } from "../../../src/core/dataset/dataset.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const parquet = { path: "out/t.parquet" };
const regions = "select * from (values ('', 1), ('x', 2), (null, 3), ('', 4)) t(region, n)";
const partitioned = { dataset: "t", delta: { partitionBy: ["region"] }, parquet };

test("an empty text in a partition column is refused by name, and no target publishes", async () => {
  const error = await expectFailure(project.publish({ sql: regions, output: partitioned }));
  expect(error).toMatchObject({
    code: "TARGET_VALUE_UNSUPPORTED",
    message:
      "the delta target of dataset `t` cannot hold an empty text as a partition value in column `region`, rows: `2`",
  });
  expect(existsSync(project.path("out/t.parquet"))).toBe(false);
  expect(existsSync(project.path("lake/t"))).toBe(false);
});

test("an empty text is set aside by a quarantine check, and published where it is no partition value", async () => {
  const checks = [{ acceptedValues: { region: ["x"] }, severity: "quarantine" as const }];
  const result = await project.publish({ sql: regions, output: partitioned, checks });
  expect(result).toMatchObject({ rows: 2, quarantined: 2 });
  await project.publish({ sql: regions, output: { dataset: "u", delta: {} } });
  expect(await project.rows("u", "select n from u where region = '' order by n")).toEqual([{ n: 1 }, { n: 4 }]);
});

test.each([
  ["'infinity'::date as valid_to", "valid_to"],
  ["[{since: '-infinity'::timestamp}] as changes", "changes.element.since"],
])("an infinite instant is refused by name wherever it is: %s", async (column, place) => {
  const work = project.publish({ sql: `select 1 as id, ${column}`, output: { dataset: "t", delta: {}, parquet } });
  expect(await expectFailure(work)).toMatchObject({
    code: "TARGET_VALUE_UNSUPPORTED",
    message: `the delta target of dataset \`t\` cannot hold an infinite date or time in column \`${place}\`, rows: \`1\``,
  });
  expect(existsSync(project.path("out/t.parquet"))).toBe(false);
});

test("a job whose every column is a partition column is told so", async () => {
  const work = project.publish({ sql: "select 1 as a", output: { dataset: "t", delta: { partitionBy: ["a"] } } });
  expect(await expectFailure(work)).toMatchObject({
    code: "SCHEMA_MISMATCH",
    message: "dataset `t` is partitioned by all its columns, which leaves none for its files",
  });
});

test("odd partition values pass the checks as what they are published as", async () => {
  const values = ["__HIVE_DEFAULT_PARTITION__", "東".repeat(30), "x".repeat(300), "a/b"];
  const list = values.map((value, index) => `(${index}, '${value}', timestamp '2020-01-01 00:00:00.5')`).join(", ");
  const sql = `select id, v as "Order Date", since from (values ${list}) t(id, v, since)`;
  const output = { dataset: "t", delta: { partitionBy: ["Order Date", "since"] }, parquet };
  const checks = [{ notNull: ["Order Date"] }, { acceptedValues: { "Order Date": values } }];
  await project.publish({ sql, output, checks });
  const since = "2020-01-01T00:00:00.5";
  expect(await project.rows("t")).toEqual(values.map((value, id) => ({ id, "Order Date": value, since })));
});

test.runIf(process.platform !== "win32")(
  "a table of 150 partitions is written by a process that may open 64 files",
  async () => {
    const script = join(import.meta.dirname, "../../support/data/publish-partitions.ts");
    const command = `ulimit -n 64 && exec "${process.execPath}" "${script}" "${project.root}" 150`;
    await promisify(execFile)("sh", ["-c", command]);
    const sql = "select count(*) as n, count(distinct id) as ids, count(distinct p) as parts from t";
    expect(await project.rows("t", sql)).toEqual([{ n: 20_000n, ids: 20_000n, parts: 150n }]);
  },
);

test("a run that is lost while its files are placed commits nothing and leaves none of them", async () => {
  let isHeld = true;
  const failpoint = (name: string): void => {
    if (name === "delta:placed") isHeld = false;
  };
  const request = { sql: "select i as id, i % 5 as p from range(10) t(i)", output: partitionedBy("p") };
  const error = await expectFailure(project.publish(request, { failpoint, isHeld: () => isHeld }));
  expect(error.code).toBe("RUN_LOST");
  const names = await readdir(project.path("lake/t"), { recursive: true });
  expect(names.filter((name) => /\.(?:json|parquet)$/.test(name))).toEqual([]);
});

function partitionedBy(column: string): DatasetOutput {
  return { dataset: "t", delta: { partitionBy: [column] } };
}
