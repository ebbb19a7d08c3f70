// A query of a Delta table opens only files that may hold its rows, and copes with another tool that has moved the rows
// meanwhile.
import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AddFile } from "../../../src/data/delta/log/delta-actions.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
let table: string;
beforeEach(async () => {
  project = await DataProject.create();
  table = project.path("lake/t");
});
afterEach(() => project[Symbol.asyncDispose]());

async function publish(sql: string, partitionBy: readonly string[] = []): Promise<void> {
  await project.publish({ sql, output: { dataset: "t", mode: "append", delta: { partitionBy } } });
}

const commitPath = (version: number): string => join(table, "_delta_log", `${String(version).padStart(20, "0")}.json`);

/** Files of the commits so far. */
async function addedFiles(): Promise<AddFile[]> {
  const names = (await readdir(join(table, "_delta_log"))).filter((name) => name.endsWith(".json"));
  const texts = await Promise.all(names.toSorted().map((name) => readFile(join(table, "_delta_log", name), "utf8")));
  const actions = texts
    .flatMap((text) => text.trimEnd().split("\n"))
    .map((line) => JSON.parse(line) as { add?: AddFile });
  return actions.flatMap(({ add }) => add ?? []);
}

/** Breaks every file but those of `kept`: one half is deleted, the other is garbage. */
async function breakOthers(isKept: (file: AddFile) => boolean): Promise<void> {
  for (const [index, file] of (await addedFiles()).filter((each) => !isKept(each)).entries()) {
    const path = join(table, decodeURIComponent(file.path));
    await (index % 2 === 0 ? rm(path) : writeFile(path, "garbage"));
  }
}

const days = `select i as id, date '2026-01-01' + (i // 4)::integer as day, 'v' || i as v, {'n': i} as st from range(40) t(i)`;

describe("files that the filters rule out are not opened", () => {
  const kept = "2026-01-03";
  const wanted = [8n, 9n, 10n, 11n].map((id) => ({ id }));

  test.each([
    ["a partition value", "select id from t where day = '2026-01-03' order by id"],
    [
      "a list",
      "select id from t where day in ('2025-01-01', '2026-01-03', '2027-01-01', '2027-01-02', '2027-01-03') order by id",
    ],
    ["a function of it", "select id from t where dayofyear(day) = 3 order by id"],
    ["a negation", "select id from t where not (day <> '2026-01-03' or day is null) order by id"],
    ["bounds of an ordinary column", "select id from t where id between 8 and 11 order by id"],
    ["bounds of a field of a struct", "select id from t where st.n >= 8 and 12 > st.n order by id"],
    ["the start of a text", "select id from t where day::varchar like '2026-01-03%' order by id"],
    [
      "a `with`",
      "with x as (select * from t), y as (select id, day from x) select id from y where day = '2026-01-03' order by id",
    ],
    [
      "a subquery",
      "select id from (select id, day from t where id >= 0) where day > '2026-01-02' and id < 12 order by id",
    ],
    [
      "a join",
      "select a.id from t a join t b using (id) where a.day = '2026-01-03' and b.day = '2026-01-03' order by id",
    ],
    [
      "a comparison with the day",
      "select id from t where day < current_date - 100000 or day = '2026-01-03' order by id",
    ],
  ])("by %s", async (_, sql) => {
    await publish(days, ["day"]);
    await breakOthers((file) => file.partitionValues["day"] === kept);
    expect(await project.rows("t", sql)).toEqual(wanted);
  });

  test("neither when a job reads them, as input or as source, with checks that set rows aside", async () => {
    await publish(days, ["day"]);
    await breakOthers((file) => file.partitionValues["day"] === kept);
    const checks = [{ acceptedValues: { v: ["v8", "v9"] }, severity: "quarantine" as const }];
    const sql = "select id, v from source where day = '2026-01-03'";
    await project.publish({ source: { dataset: "t" }, sql, checks, output: { dataset: "from_source" } });
    await project.publish({ inputs: ["t"], sql: sql.replace("source", "t"), output: { dataset: "from_input" } });
    expect(await project.rows("from_source")).toHaveLength(2);
    expect(await project.rows("from_input")).toHaveLength(4);
  });

  test("and the others are needed as soon as nothing rules them out", async () => {
    await publish(days, ["day"]);
    await breakOthers((file) => file.partitionValues["day"] === kept);
    const error = await expectFailure(project.rows("t", "select count(*) from t"));
    expect(error).toMatchObject({ code: "SOURCE_MISSING", hint: "run job `test_job` again to publish it" });
    expect(error.message).toContain("has lost a file");
  });
});

/** Rewrites a commit as another writer would have made it: without Millrace's tags, and with `stats`. */
async function asForeign(version: number, stats: (before: string) => string): Promise<void> {
  const lines = (await readFile(commitPath(version), "utf8")).trimEnd().split("\n");
  const changed = lines.map((line) => {
    const action = JSON.parse(line) as { add?: Record<string, unknown>; commitInfo?: unknown };
    if (action.commitInfo) return JSON.stringify({ commitInfo: { operation: "WRITE" } });
    if (action.add === undefined) return line;
    const { tags: _tags, stats: before, ...add } = action.add;
    return JSON.stringify({ add: { ...add, stats: stats(String(before)) } });
  });
  await writeFile(commitPath(version), changed.map((line) => `${line}\n`).join(""));
}

describe("bounds of other writers", () => {
  test("say nothing about NaN, which is greater than every number", async () => {
    await publish("select 1 as id, 0.5::double as f union all select 2, 'nan'::double");
    await asForeign(0, () => '{"numRecords":2,"minValues":{"f":0.5},"maxValues":{"f":0.5},"nullCount":{"f":0}}');
    expect(await project.rows("t", "select id from t where f > 7")).toEqual([{ id: 2 }]);
    expect(await project.rows("t", "select id from t where f < 0.5")).toEqual([]);
  });

  test("cut instants to milliseconds", async () => {
    await publish("select 1 as id, timestamptz '2026-01-01 00:00:00.000999Z' as seen");
    await asForeign(0, (stats) => stats.replace("00:00:00.001Z", "00:00:00.000Z"));
    const sql = "select id from t where seen > timestamptz '2026-01-01 00:00:00.0005Z'";
    expect(await project.rows("t", sql)).toEqual([{ id: 1 }]);
  });

  test.each([
    "",
    "null",
    "7",
    "{",
    '{"numRecords":NaN}',
    '{"minValues":[],"maxValues":"x"}',
    '{"minValues":{"id":{}}}',
  ])("are not used when they are `%s`", async (stats) => {
    await publish("select 1 as id");
    await asForeign(0, () => stats);
    expect(await project.rows("t", "select id from t where id = 1")).toEqual([{ id: 1 }]);
    expect(await project.rows("t", "select id from t where id = 2")).toEqual([]);
  });

  test("keep every digit of long numbers", async () => {
    await publish("select 9007199254740993 as id, 12345678901234567.89::decimal(38,2) as d");
    const sql = "select id from t where id > 9007199254740992 and d = 12345678901234567.89";
    expect(await project.rows("t", sql)).toEqual([{ id: 9007199254740993n }]);
  });
});

/** What `optimize` and `vacuum` of another tool do: all rows in one file, and the others gone. */
async function compactAndVacuum(version: number, { vacuum = true } = {}): Promise<void> {
  const files = await addedFiles();
  const paths = files.map((file) => join(table, decodeURIComponent(file.path)));
  await using session = await project.engine.open();
  const path = `compact-${version}.parquet`;
  const list = paths.map((each) => `'${each}'`).join(", ");
  await session.writeParquet(`select * from read_parquet([${list}])`, { path: join(table, path) });
  const removed = files.map((file) => ({ remove: { path: file.path, dataChange: false, deletionTimestamp: 1 } }));
  const add = { path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: false };
  const actions = [{ commitInfo: { operation: "OPTIMIZE" } }, ...removed, { add }];
  await writeFile(commitPath(version), actions.map((action) => JSON.stringify(action)).join("\n"));
  if (vacuum) for (const each of paths) await rm(each);
}

describe("after another tool has compacted and vacuumed the table", () => {
  beforeEach(async () => {
    await publish("select 1 as id");
    await publish("select 2 as id");
  });

  test("its rows are read from where they are now", async () => {
    await compactAndVacuum(2);
    await writeFile(commitPath(3), '{"commitInfo":{"operation":"VACUUM END"}}\n');
    expect(await project.rows("t")).toEqual([{ id: 1 }, { id: 2 }]);
    await publish("select 3 as id");
    expect(await project.rows("t")).toHaveLength(3);
  });

  test("rows that it adds later are not those of the published version", async () => {
    await compactAndVacuum(2);
    const [file] = await addedFiles();
    const foreign = { add: { ...file, path: "compact-2.parquet", dataChange: true } };
    await writeFile(commitPath(3), `${JSON.stringify(foreign)}\n`);
    expect(await project.rows("t")).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test("a table whose rows have changed since is said to be vacuumed", async () => {
    await compactAndVacuum(2, { vacuum: false });
    await writeFile(
      commitPath(2),
      (await readFile(commitPath(2), "utf8")).replaceAll('"dataChange":false', '"dataChange":true'),
    );
    for (const name of await readdir(table)) if (name.startsWith("part-")) await rm(join(table, name));
    const error = await expectFailure(project.rows("t"));
    expect(error.code).toBe("SOURCE_MISSING");
    expect(error.message).toContain("was vacuumed since version 1");
  });

  test("a version whose log has been cleaned up is read from a later one", async () => {
    for (let id = 3; id <= 9; id += 1) await publish(`select ${id} as id`);
    await compactAndVacuum(9);
    const actions = [];
    for (let version = 0; version <= 9; version += 1) actions.push(await readFile(commitPath(version), "utf8"));
    await using session = await project.engine.open();
    const lines = actions
      .join("\n")
      .split("\n")
      .filter((line) => /^{"(?:add":{"path":"compact|metaData|protocol)/.test(line));
    await writeFile(project.path("state.ndjson"), lines.join("\n"));
    const maps = "partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, dataChange BOOLEAN";
    await session.writeParquet(
      `select * from read_json('${project.path("state.ndjson")}', columns = {
        add: 'STRUCT(path VARCHAR, ${maps})', protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER)',
        metaData: 'STRUCT(id VARCHAR, format STRUCT(provider VARCHAR, options MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[])' })`,
      { path: commitPath(9).replace(".json", ".checkpoint.parquet") },
    );
    for (let version = 0; version <= 8; version += 1) await rm(commitPath(version));
    expect(await project.rows("t")).toHaveLength(9);
  });
});

test.each([
  ["1.50::decimal(10,2)", "-2.-5"],
  ["date '2026-01-01'", "2026-02-30"],
  ["1::smallint", "70000"],
  ["true", "maybe"],
  ["timestamptz '2026-01-01 00:00:00Z'", "yesterday"],
])("a partition value of %s that is `%s` in the log is named with its file and column", async (value, text) => {
  await publish(`select 1 as id, ${value} as p`, ["p"]);
  const before = await readFile(commitPath(0), "utf8");
  await writeFile(
    commitPath(0),
    before.replace(/"partitionValues":{"p":"[^"]*"}/, `"partitionValues":{"p":"${text}"}`),
  );
  const [file] = await addedFiles();
  const error = await expectFailure(project.rows("t", "select * from t where p = (select max(p) from t)"));
  expect(error.code).toBe("DELTA_CORRUPT");
  expect(error.message).toContain(`file \`${file?.path}\` a value of column \`p\` that is no`);
  expect(error.message).toContain(`got: \`${text}\``);
});

test("a column may have the name that Millrace would give to the path of a file", async () => {
  const rows =
    "select i as id, 'a' || i as __millrace_file, i % 2 as __MILLRACE_FILE_, true as __millrace_same from range(3) t(i)";
  const output = { dataset: "t", mode: "merge", key: ["id"], delta: { partitionBy: ["__MILLRACE_FILE_"] } } as const;
  await project.publish({ sql: rows, output });
  await project.publish({ sql: `select * replace (false as __millrace_same) from (${rows}) where id = 1`, output });
  expect(await project.rows("t", "select id, __millrace_file f, __millrace_same s from t order by id")).toEqual([
    { id: 0n, f: "a0", s: true },
    { id: 1n, f: "a1", s: false },
    { id: 2n, f: "a2", s: true },
  ]);
});

test("a key column may have any name", async () => {
  const output = { dataset: "t", mode: "merge", key: ["n", "occurrences"] } as const;
  for (const v of [1, 2]) await project.publish({ sql: `select 7 as n, 'a' as occurrences, ${v} as key_0`, output });
  expect(await project.rows("t")).toEqual([{ n: 7, occurrences: "a", key_0: 2 }]);
});

test("a checkpoint that cannot be read is a warning for a job, and for a query", async () => {
  for (let id = 0; id <= 10; id += 1) await publish(`select ${id} as id`);
  await appendFile(commitPath(10).replace(".json", ".checkpoint.parquet"), "broken");
  expect(await project.rows("t")).toHaveLength(11);
  await publish("select 11 as id");
  expect(project.warnings).toHaveLength(2);
});
