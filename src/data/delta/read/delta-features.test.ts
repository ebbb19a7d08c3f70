import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { buildDeltaTable, column, headOf, mapped, writeCommit } from "../../../../tests/support/data/delta-builder.ts";
import { inlineVector, storedVectors } from "../../../../tests/support/data/deletion-vectors.ts";
import { publish } from "../../../../tests/support/data/delta-publish.ts";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import type { Row } from "../../../compute/engine.ts";
import { openDeltaScan, openDeltaSnapshot } from "../delta-table.ts";
import { countRows } from "../write/delta-commit.ts";

const folder = useTemporaryFolder("delta-features");
const session = useEngineSession();

function newTable(): string {
  return join(folder(), randomUUID());
}

async function ask(path: string, sql: string): Promise<Row[]> {
  const { version } = await openDeltaSnapshot(path, { session: session() });
  await session().defineScan("t", await openDeltaScan(path, { session: session(), version }));
  return await session().query(sql);
}

test("times without a zone are read as they stand, and bounds and partitions find them", async () => {
  const path = newTable();
  const file = (at: string, day: string, min: string): object => ({
    rows: `select timestamp '${at}' as seen`,
    partitionValues: { day },
    stats: { numRecords: 1, minValues: { seen: min }, maxValues: { seen: min }, nullCount: { seen: 0 } },
  });
  await buildDeltaTable(session(), path, {
    fields: [column("seen", "timestamp_ntz"), column("day", "timestamp_ntz")],
    partitionColumns: ["day"],
    features: ["timestampNtz"],
    files: [
      file("2021-03-28 02:30:00.123456", "2021-03-28 00:00:00", "2021-03-28T02:30:00.123"),
      file("1969-12-31 23:59:59.999999", "1969-12-31 00:00:00.000001", "1969-12-31T23:59:59.999"),
    ] as never,
  });
  expect(await ask(path, "select seen::varchar as seen, typeof(seen) as type from t where day > '2000-01-01'")).toEqual(
    [{ seen: "2021-03-28 02:30:00.123456", type: "TIMESTAMP" }],
  );
  const exact = "select day::varchar as day from t where seen = timestamp '1969-12-31 23:59:59.999999'";
  expect(await ask(path, exact)).toEqual([{ day: "1969-12-31 00:00:00.000001" }]);
});

const nested = {
  fields: [
    mapped("id", "long", "col-1", 1),
    mapped("place", { type: "struct", fields: [mapped("city", "string", "col-3", 3)] }, "col-2", 2),
    mapped(
      "tags",
      {
        type: "array",
        elementType: { type: "struct", fields: [mapped("name", "string", "col-5", 5)] },
        containsNull: true,
      },
      "col-4",
      4,
    ),
    mapped(
      "marks",
      {
        type: "map",
        keyType: "string",
        valueType: { type: "struct", fields: [mapped("mark", "integer", "col-7", 7)] },
        valueContainsNull: true,
      },
      "col-6",
      6,
    ),
    mapped("country", "string", "col-8", 8),
    mapped("late", "double", "col-9", 9),
  ],
  partitionColumns: ["country"],
  features: ["columnMapping"],
};
const nestedRow = {
  id: 1n,
  place: { city: "Bern" },
  tags: [{ name: "a" }, null],
  marks: { k: { mark: 6 } },
  country: "ch",
  late: null,
};

test("columns are found by their physical names, in structs, lists and maps, too", async () => {
  const path = newTable();
  const of = (id: number, country: string): object => ({
    rows: `select ${id}::bigint as "col-1", {'col-3': 'Bern', 'other': 1} as "col-2", [{'col-5': 'a'}, null] as "col-4",
      map {'k': {'col-7': 6}} as "col-6", 'unseen' as id`,
    partitionValues: { "col-8": country },
    stats: { numRecords: 1, minValues: { "col-1": id, id: 77 }, maxValues: { "col-1": id, id: 77 } },
  });
  const files = [of(1, "ch"), of(2, "at")] as never;
  await buildDeltaTable(session(), path, {
    ...nested,
    configuration: { "delta.columnMapping.mode": "name" },
    files,
  });
  const rows = await ask(path, "select * replace (map_extract(marks, 'k')[1] as marks) from t order by id");
  expect(rows).toEqual([
    { ...nestedRow, marks: { mark: 6 } },
    { ...nestedRow, marks: { mark: 6 }, id: 2n, country: "at" },
  ]);
  expect(await ask(path, "select country from t where id = 1 and country = 'ch'")).toEqual([{ country: "ch" }]);
  expect(await ask(path, "select country from t where id = 77")).toEqual([]);
});

test("a column of the type void is NULL in every row, and its table takes none", async () => {
  const path = newTable();
  await buildDeltaTable(session(), path, {
    fields: [column("id", "long"), column("nothing", "void")],
    files: [{ rows: "select 1::bigint as id" }],
  });
  expect(await ask(path, "select * from t")).toEqual([{ id: 1n, nothing: null }]);
  const published = publish(session(), path, "select 2::bigint as id");
  expect((await expectFailure(published)).message).toContain("columns of the type void");
});

test("columns are found by their ids, whatever each file calls them", async () => {
  const path = newTable();
  const of = (id: number, [a, b, c, d]: readonly [string, string, string, string]): object => ({
    rows: `select ${id}::bigint as "${a}", {'${b}': 'Bern'} as "${c}", [{'${b}': 'a'}, null] as "${d}",
      map {'k': {'${b}': 6}} as m`,
    fieldIds: {
      [a]: { id: 1 },
      [c]: { id: 2, fields: { [b]: { id: 3 } } },
      [d]: { id: 4, fields: { element: { fields: { [b]: { id: 5 } } } } },
      m: { id: 6, fields: { value: { fields: { [b]: { id: 7 } } } } },
    },
    partitionValues: { "col-8": "ch" },
  });
  const files = [of(1, ["place", "absent", "id", "col-9"]), of(2, ["w", "x", "y", "z"])] as never;
  await buildDeltaTable(session(), path, { ...nested, configuration: { "delta.columnMapping.mode": "id" }, files });
  const rows = await ask(path, "select * replace (map_extract(marks, 'k')[1] as marks) from t order by id");
  expect(rows).toEqual([
    { ...nestedRow, marks: { mark: 6 } },
    { ...nestedRow, marks: { mark: 6 }, id: 2n },
  ]);
});

test("a file without ids in a table that finds columns by them is damage that names it", async () => {
  const path = newTable();
  const configuration = { "delta.columnMapping.mode": "id" };
  const files = [{ rows: `select 1::bigint as "col-1"` }];
  await buildDeltaTable(session(), path, { ...nested, partitionColumns: [], configuration, files });
  const error = await expectFailure(ask(path, "select * from t"));
  expect(error.code).toBe("DELTA_CORRUPT");
  expect(error.message).toContain("`part-0.parquet`");
});

test("files of narrower types are read as the types that the table has now", async () => {
  const path = newTable();
  const fields = [
    column("i", "long"),
    column("f", "double"),
    column("n", "double"),
    column("d", "decimal(20,4)"),
    column("m", "decimal(12,1)"),
    column("t", "timestamp_ntz"),
    column("s", { type: "struct", fields: [column("x", "long")] }),
    column("l", { type: "array", elementType: "integer", containsNull: true }),
  ];
  const old = `select 7::integer as i, 0.5::float as f, 3::integer as n, 1.25::decimal(10,2) as d, 9::smallint as m,
    date '2020-02-29' as t, {'x': 1::tinyint} as s, [1::smallint] as l`;
  const recent = `select 7000000000 as i, 0.1::double as f, 0.3::double as n, 12345678.1234::decimal(20,4) as d,
    9.5::decimal(12,1) as m, timestamp '2020-02-29 10:00:00' as t, {'x': 8000000000} as s, [70000] as l`;
  const stats = { numRecords: 1, minValues: { i: 7, t: "2020-02-29" }, maxValues: { i: 7, t: "2020-02-29" } };
  await buildDeltaTable(session(), path, {
    fields,
    features: ["typeWidening", "timestampNtz"],
    files: [{ rows: old, stats }, { rows: recent }],
  });
  expect(
    await ask(path, "select * replace (d::varchar as d, m::varchar as m, t::varchar as t) from t order by i"),
  ).toEqual([
    { i: 7n, f: 0.5, n: 3, d: "1.2500", m: "9.0", t: "2020-02-29 00:00:00", s: { x: 1n }, l: [1] },
    {
      i: 7000000000n,
      f: 0.1,
      n: 0.3,
      d: "12345678.1234",
      m: "9.5",
      t: "2020-02-29 10:00:00",
      s: { x: 8000000000n },
      l: [70000],
    },
  ]);
  for (const where of ["i = 7", "n = 3", "d = 1.25", "m = 9", "t = '2020-02-29'", "s.x = 1"]) {
    expect(await ask(path, `select i from t where ${where}`)).toEqual([{ i: 7n }]);
  }
});

test("deleted rows are in no answer, wherever the vectors are, and are not counted", async () => {
  const path = newTable();
  const ids = (from: number): string => `select range as id from range(${from}, ${from + 10_000})`;
  const many = Array.from({ length: 5000 }, (_, index) => index * 2);
  const [stored] = storedVectors(path, [many], { folder: "a" });
  const [absolute] = storedVectors(path, [[9999]], { absolute: true });
  const stats = (from: number): object => ({
    numRecords: 10_000,
    tightBounds: false,
    minValues: { id: from },
    maxValues: { id: from + 9999 },
    nullCount: { id: 0 },
  });
  await buildDeltaTable(session(), path, {
    fields: [column("id", "long"), column("p", "string")],
    partitionColumns: ["p"],
    features: ["deletionVectors"],
    files: [
      { rows: ids(0), partitionValues: { p: "a" }, deletionVector: inlineVector([0, 2048, 9998]), stats: stats(0) },
      { rows: ids(10_000), partitionValues: { p: "b" }, stats: stats(10_000) },
      { rows: ids(20_000), partitionValues: { p: "c" }, deletionVector: stored, stats: stats(20_000) },
      { rows: ids(30_000), partitionValues: { p: null }, deletionVector: absolute, stats: stats(30_000) },
    ] as never,
  });
  expect(
    await ask(path, "select p, count(*) as n, min(id) as low, max(id) as high from t group by p order by p"),
  ).toEqual([
    { p: "a", n: 9997n, low: 1n, high: 9999n },
    { p: "b", n: 10_000n, low: 10_000n, high: 19_999n },
    { p: "c", n: 5000n, low: 20_001n, high: 29_999n },
    { p: null, n: 9999n, low: 30_000n, high: 39_998n },
  ]);
  expect(await ask(path, "select id from t where id in (2047, 2048, 2049, 20002, 39999)")).toEqual([
    { id: 2047n },
    { id: 2049n },
  ]);
  expect(await countRows(session(), await openDeltaSnapshot(path, { session: session() }), "")).toBe(34_996);
});

test("whatever rows of a file are deleted, the others are read", async () => {
  const rows = 6000;
  const path = newTable();
  const fields = [column("id", "long")];
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(rows - 1), { minLength: 1, maxLength: 60 }), async (picked) => {
      const deleted = picked.toSorted((a, b) => a - b);
      await rm(path, { recursive: true, force: true });
      await buildDeltaTable(session(), path, {
        fields,
        features: ["deletionVectors"],
        files: [{ rows: `select range as id from range(${rows})`, deletionVector: inlineVector(deleted) }],
      });
      const left = (await ask(path, "select id from t order by id")).map(({ id }) => Number(id));
      const gone = new Set(deleted);
      expect(left).toEqual(Array.from({ length: rows }, (_, id) => id).filter((id) => !gone.has(id)));
    }),
    { numRuns: 15 },
  );
});

test("a file that gets another vector in a commit is in the table once, in whatever order the commit says it", async () => {
  const [before, after] = [inlineVector([0]), inlineVector([0, 1])];
  for (const order of ["remove first", "add first"]) {
    const path = newTable();
    const [file] = await buildDeltaTable(session(), path, {
      fields: [column("id", "long")],
      features: ["deletionVectors"],
      files: [{ rows: "select range as id from range(4)", deletionVector: before }],
    });
    const add = { add: { ...file, deletionVector: after } };
    const remove = { remove: { path: file?.path, dataChange: true, deletionTimestamp: 1, deletionVector: before } };
    await writeCommit(path, 1, order === "add first" ? [add, remove] : [remove, add]);
    expect(await ask(path, "select id from t order by id")).toEqual([{ id: 2n }, { id: 3n }]);
  }
});

test.each(["json", "parquet"])("a v2 checkpoint in %s is read with its sidecars", async (form) => {
  const path = newTable();
  const table = { fields: [column("id", "long")], features: ["v2Checkpoint", "deletionVectors"] };
  const adds = await buildDeltaTable(session(), path, {
    ...table,
    files: [{ rows: "select 1::bigint as id" }, { rows: "select unnest([2, 3])::bigint as id" }],
  });
  await rm(join(path, "_delta_log", `${"0".repeat(20)}.json`));
  const sidecars = await Promise.all(
    adds.map(async (add, index) => {
      const file = index === 1 ? { ...add, deletionVector: inlineVector([0]) } : add;
      return await writeActions(join(path, "_delta_log/_sidecars"), `${randomUUID()}.parquet`, [{ add: file }]);
    }),
  );
  const actions = [
    { checkpointMetadata: { version: 1 } },
    ...headOf(table),
    { domainMetadata: { domain: "d", configuration: "{}", removed: false } },
    ...sidecars.map((sidecar) => ({ sidecar: { path: sidecar, sizeInBytes: 1, modificationTime: 1 } })),
  ];
  await writeActions(join(path, "_delta_log"), `${"0".repeat(19)}1.checkpoint.${randomUUID()}.${form}`, actions);
  expect(await ask(path, "select id from t order by id")).toEqual([{ id: 1n }, { id: 3n }]);
  const { domains, version } = await openDeltaSnapshot(path, { session: session() });
  expect([version, domains]).toEqual([1, [{ domain: "d", configuration: "{}", removed: false }]]);
  await rm(join(path, "_delta_log/_sidecars", sidecars[0] ?? ""));
  expect((await expectFailure(ask(path, "select id from t"))).code).toBe("DELTA_CORRUPT");
});

async function writeActions(path: string, name: string, actions: readonly unknown[]): Promise<string> {
  await mkdir(path, { recursive: true });
  const lines = actions.map((action) => `${JSON.stringify(action)}\n`).join("");
  const json = join(path, name.replace(/parquet$/, "json"));
  await writeFile(json, lines);
  if (name.endsWith(".json")) return name;
  const maps = "map_inference_threshold = -1, field_appearance_threshold = 0";
  const sql = `select * from read_json('${json}', format = 'newline_delimited', ${maps})`;
  await session().writeParquet(sql, { path: join(path, name) });
  await rm(json);
  return name;
}
