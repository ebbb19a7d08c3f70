// A full refresh: whatever the mode, what is published takes the place of all that is there.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatasetOutput, WriteMode } from "../../../src/core/dataset/dataset.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const targets: readonly Omit<DatasetOutput, "dataset">[] = [
  { delta: { partitionBy: ["id"] } },
  { sqlite: { path: "t.sqlite" } },
  { duckdb: { path: "t.duckdb" } },
];
const modes: readonly Omit<DatasetOutput, "dataset">[] = [{ mode: "append" }, { mode: "merge", key: ["id"] }];
const outputs = targets.flatMap((target) => modes.map((mode) => ({ dataset: "t", ...target, ...mode })));

test.each(outputs)("it makes the table anew: %j", async (output) => {
  const checks = [{ notNull: ["name"], severity: "quarantine" as const }];
  const put = (sql: string, isFullRefresh = false) => project.publish({ sql, output, checks }, { isFullRefresh });
  await put("select 1 as id, 'one' as name union all select 2, null");
  await put("select 'a' as id, 1.5::double as name union all select 'b', null", true);
  expect(await project.rows("t")).toEqual([{ id: "a", name: 1.5 }]);
  expect(await project.rows("t_quarantine", "select id, name from t_quarantine")).toEqual([{ id: "b", name: null }]);
  await put("select 'c' as id, 2.5::double as name union all select 'd', null");
  expect(await project.rows("t")).toHaveLength(2);
  expect(await project.rows("t_quarantine")).toHaveLength(2);
  expect(project.versions("t_quarantine").at(-1)?.quarantineOf?.output).toEqual(output);
});

test.each(targets)(
  "columns that the rows have no more are gone, also where their rows are there: %j",
  async (target) => {
    const put = (sql: string, schema: "evolve" | "replace", isFullRefresh = false) =>
      project.publish({ sql, output: { dataset: "t", ...target, schema } }, { isFullRefresh });
    const sql = "select 2 as extra, 3 as id";
    for (const [schema, isFullRefresh] of [
      ["evolve", true],
      ["replace", false],
    ] as const) {
      await put(`${sql}, 1 as old`, "replace");
      await put(sql, "evolve");
      expect(await project.rows("t")).toEqual([{ extra: 2, id: 3, old: null }]);
      expect((await put(sql, schema, isFullRefresh)).changed).toBe(true);
      expect(await project.rows("t")).toEqual([{ extra: 2, id: 3 }]);
      expect(
        project
          .versions("t")
          .at(-1)
          ?.schema.map(({ name }) => name),
      ).toEqual(["extra", "id"]);
      expect((await put(sql, schema, isFullRefresh)).changed).toBe(false);
    }
  },
);

test("earlier versions of a Delta table stay readable with the columns and partitions that they had", async () => {
  await project.publish({
    sql: "select 1 as id, 'one' as name",
    output: { dataset: "t", delta: { partitionBy: ["name"] } },
  });
  const output: DatasetOutput = { dataset: "t", schema: "replace", delta: { partitionBy: ["day"] } };
  await project.publish({ sql: "select 'x' as id, date '2026-01-01' as day", output });
  expect(await project.rows("t")).toEqual([{ id: "x", day: "2026-01-01" }]);
  await project.publish({ source: { dataset: "t", version: 1 }, output: { dataset: "old" } });
  expect(await project.rows("old")).toEqual([{ id: 1, name: "one" }]);
});

test("rows that cannot be merged into later are refused", async () => {
  const output: DatasetOutput = { dataset: "t", mode: "merge", key: ["id"] };
  const error = await expectFailure(
    project.publish({ sql: "select unnest([1, 1]) as id", output }, { isFullRefresh: true }),
  );
  expect(error).toMatchObject({ code: "CHECKS_FAILED" });
  expect(error.message).toContain("repeat the key");
});

test("beside a window it is refused where other rows would be lost, and with the mode `replace` it is as any run", async () => {
  const window = { from: "2026-01-02T00:00:00.000Z", to: "2026-01-03T00:00:00.000Z" };
  const put = async (mode: WriteMode, more: Partial<DatasetOutput>): Promise<unknown> => {
    const output = { dataset: `t_${mode}`, mode, ...more };
    await project.publish({ sql: "select unnest([1, 2]) as id", output });
    return await project.publish({ sql: "select 3 as id", output }, { isFullRefresh: true, window });
  };
  const key = { key: ["id"] };
  const refused: readonly [WriteMode, Partial<DatasetOutput>][] = [
    ["append", {}],
    ["merge", key],
    ["insert_only", key],
    ["delete_insert", { by: "id" }],
    ["snapshot", {}],
    ["scd2", key],
  ];
  for (const [mode, more] of refused) {
    const error = await expectFailure(put(mode, more));
    expect(error).toMatchObject({ code: "PARAMS_INVALID" });
    expect(error.hint).toContain("without `--from` and `--to`");
    expect(await project.rows(`t_${mode}`)).toHaveLength(2);
  }
  await put("replace", {});
  expect(await project.rows("t_replace")).toEqual([{ id: 3 }]);
});

test("a folder of parquet files is refused, since it cannot be replaced in one step", async () => {
  const output: DatasetOutput = { dataset: "t", mode: "append", parquet: { path: "out" } };
  const error = await expectFailure(project.publish({ sql: "select 1 as id", output }, { isFullRefresh: true }));
  expect(error).toMatchObject({ code: "TARGET_UNSUPPORTED" });
  expect(error.hint).toContain("millrace datasets reset t");
});

test.each(["append", "merge"] as const)("a schema is replaced in mode replace only, not in %s", async (mode) => {
  const output: DatasetOutput = { dataset: "t", mode, key: ["id"], schema: "replace" };
  expect(await expectFailure(project.publish({ sql: "select 1 as id", output }))).toMatchObject({
    code: "JOB_INVALID",
  });
});
