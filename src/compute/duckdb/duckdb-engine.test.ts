import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import { type Engine, type EngineSession, quoteLiteral } from "../engine.ts";
import { createDuckDbEngine } from "./duckdb-engine.ts";

let engine: Engine;
let session: EngineSession;
let folder: string;

beforeAll(async () => {
  engine = createDuckDbEngine({ threads: 2, memoryLimit: "1GB" });
  folder = await mkdtemp(join(tmpdir(), "millrace-duckdb-test-"));
});
beforeEach(async () => {
  session = await engine.open();
});
afterEach(async () => {
  await session[Symbol.asyncDispose]();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function failure(work: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MillraceError)) throw new Error(`expected a MillraceError, got: ${String(error)}`);
  return error;
}

test("a row has bigint for 64 bits, text for decimals and instants, arrays and objects for nested values", async () => {
  const rows =
    await session.query(`select 1::integer as i, 9007199254740993 as l, 170141183460469231731687303715884105727::hugeint as h,
    1.50::decimal(10,2) as d, 0.5::double as f, true as b, 'x' as s, date '2020-02-29' as day,
    timestamp '2020-01-01 01:02:03.5' as t, timestamptz '2020-01-01 01:02:03+02' as z, [1, null] as list,
    {a: 1, b: {c: date '2021-01-01'}} as struct, map {'k': 1.5::decimal(3,1)} as map, null as nothing,
    time '10:00:00' as clock, '\\xAA'::blob as bytes, uuid '00000000-0000-0000-0000-000000000001' as id`);
  expect(rows).toEqual([
    {
      i: 1,
      l: 9007199254740993n,
      h: 170141183460469231731687303715884105727n,
      d: "1.50",
      f: 0.5,
      b: true,
      s: "x",
      day: "2020-02-29",
      t: "2020-01-01T01:02:03.5",
      z: "2019-12-31T23:02:03Z",
      list: [1, null],
      struct: { a: 1, b: { c: "2021-01-01" } },
      map: { k: "1.5" },
      nothing: null,
      clock: "10:00:00",
      bytes: new Uint8Array([0xaa]),
      id: "00000000-0000-0000-0000-000000000001",
    },
  ]);
});

test.each(["infinity", "-infinity"])("%s is shown as such in every type that has it, nested too", async (text) => {
  const types = ["date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamptz"];
  const columns = types.map((type) => `'${text}'::${type} as of_${type}, ['${text}'::${type}] as in_${type}`);
  const [row = {}] = await session.query(`select ${columns.join(", ")}`);
  expect(new Set(Object.values(row).flat())).toEqual(new Set([text]));
});

test("a view is seen by its own session only and can be replaced", async () => {
  await using other = await engine.open();
  await session.defineView("day flights", "select 1 as a;");
  await session.defineView("day flights", "select 2 as a -- the newer one");
  expect(await session.query('select * from "day flights"')).toEqual([{ a: 2 }]);
  expect((await failure(other.query('select * from "day flights"'))).code).toBe("SQL_INVALID");
});

test("a stream gives chunks one by one and may be left early", async () => {
  let rowCount = 0;
  for await (const rows of session.stream("select i from range(100000) t(i)")) {
    expect(rows.length).toBeLessThanOrEqual(2048);
    rowCount += rows.length;
    if (rowCount > 5000) break;
  }
  expect(rowCount).toBeLessThan(10_000);
  expect(await session.query("select 1 as a")).toEqual([{ a: 1 }]);
});

test("an aborted signal stops the running query, and the session still works", async () => {
  const controller = new AbortController();
  const query = failure(session.query("select count(*) from range(1000000000000)", { signal: controller.signal }));
  setImmediate(() => controller.abort());
  const error = await query;
  expect(error.code).toBe("RUN_STOPPED");
  expect((await failure(session.query("select 1", { signal: controller.signal }))).code).toBe("RUN_STOPPED");
  expect(await session.query("select 1 as a")).toEqual([{ a: 1 }]);
});

test("the error that a signal carries is the error of the query", async () => {
  const lost = new MillraceError("RUN_LOST", "the lease is gone");
  expect(await failure(session.execute("select 1", { signal: AbortSignal.abort(lost) }))).toBe(lost);
});

test("describe names columns and types without running the query", async () => {
  const sql = "select 1::bigint as a, {x: 1.5::decimal(18,2)} as b, error('not run')::integer as c;";
  expect(await session.describe(sql)).toEqual([
    { name: "a", type: "BIGINT" },
    { name: "b", type: "STRUCT(x DECIMAL(18,2))" },
    { name: "c", type: "INTEGER" },
  ]);
});

test("writeParquet reports rows, bytes and statistics, nested ones too, and leaves out bounds that a NaN spoils", async () => {
  const path = join(folder, "one.parquet");
  const [file, ...others] = await session.writeParquet(
    `select i, {a: {"b.c": i + 1}} as s, [i] as l, case when i = 0 then 'nan'::double else 1 end as n, null::integer as e from range(3) t(i)`,
    { path },
  );
  expect(others).toEqual([]);
  expect(file).toMatchObject({ path, rows: 3, partition: {} });
  expect(file?.bytes).toBeGreaterThan(100);
  expect(file?.statistics).toEqual({
    i: { min: "0", max: "2", nullCount: 0 },
    s: { fields: { a: { fields: { "b.c": { min: "1", max: "3", nullCount: 0 } } } } },
    l: { fields: { element: { min: "0", max: "2", nullCount: 0 } } },
    n: { nullCount: 0 },
    e: { nullCount: 3 },
  });
});

test("writeParquet of no rows writes one file with the columns", async () => {
  const path = join(folder, "none.parquet");
  const files = await session.writeParquet("select 1 as a, 'x' as b where false;", { path });
  expect(files).toMatchObject([{ path, rows: 0 }]);
  expect(await session.describe(`from '${path}'`)).toEqual([
    { name: "a", type: "INTEGER" },
    { name: "b", type: "VARCHAR" },
  ]);
});

test("writeParquet by partition writes one folder for each value, null included", async () => {
  const path = join(folder, "parts");
  const files = await session.writeParquet(
    "select i, case when i = 0 then null else 'a/b=c d%' end as p from range(3) t(i)",
    { path, partitionBy: ["p"] },
  );
  const found = files.map(({ rows, partition }) => ({ rows, partition })).toSorted((a, b) => a.rows - b.rows);
  expect(found).toEqual([
    { rows: 1, partition: { p: null } },
    { rows: 2, partition: { p: "a/b=c d%" } },
  ]);
  expect(await readdir(path)).toHaveLength(2);
});

test("writeParquet by partition gives back every value, however long or odd, and whatever the column is called", async () => {
  const values = [
    "__HIVE_DEFAULT_PARTITION__",
    "millrace:sha256:",
    "x".repeat(5_000),
    "x".repeat(5_001),
    "東".repeat(30),
    "..",
    "tail. ",
    "\n\u007F",
  ];
  const list = values.map((value) => `(${quoteLiteral(value)})`).join(", ");
  const files = await session.writeParquet(
    `select v as "a/b=""c", 1 as i, v as "Order Date" from (values ${list}, (null)) t(v) -- all of them`,
    { path: join(folder, "odd-parts"), partitionBy: ['a/b="c', "Order Date"] },
  );
  const found = files.map(({ rows, partition }) => [rows, partition['a/b="c'], partition["Order Date"]]);
  expect(new Set(found)).toEqual(new Set([...values, null].map((value) => [1, value, value])));
  expect(files.map(({ statistics }) => Object.keys(statistics))).toEqual(files.map(() => ["i"]));
});

test("parseSelect returns the tables in order, without those that `with` defines", async () => {
  const sql = `with early as (select * from flights), flights2 as (select * from early join "Airports" using (code)),
    recursive_one as (select 1)
    select (select max(x) from lookup), f.* from flights2 f join s.planes p on f.id = p.id
    where code in (select code from (with planes as (select 1 as code) select code from planes)) and exists (from flights)`;
  expect(await session.parseSelect(sql)).toEqual(["flights", "Airports", "lookup", "s.planes"]);
  expect(await session.parseSelect("with flights as (select * from flights) select * from flights")).toEqual([
    "flights",
  ]);
  expect(
    await session.parseSelect("with recursive n as (select 1 as i union all select i + 1 from n where i < 9) from n"),
  ).toEqual([]);
});

test.each([
  ["", "expected exactly one `select`, got: `0` statements"],
  ["select 1; select 2", "expected exactly one `select`, got: `2` statements"],
  ["drop table x", "expected exactly one `select`, got: another kind of statement"],
  ["selec 1", "syntax error at or near `selec`"],
])("parseSelect refuses %j", async (sql, message) => {
  expect(await failure(session.parseSelect(sql))).toMatchObject({ code: "SQL_INVALID", message });
});

test("an unknown column is SQL_INVALID with its place and the likely name", async () => {
  const error = await failure(session.defineView("v", "select\n  orgin from (select 1 as origin)"));
  expect(error).toMatchObject({
    code: "SQL_INVALID",
    message: "referenced column `orgin` not found in FROM clause (line 2, column 3)",
    hint: "did you mean `origin`?",
  });
});

test("a value that cannot be converted is SQL_FAILED", async () => {
  expect(await failure(session.query("select 'x'::integer"))).toMatchObject({
    code: "SQL_FAILED",
    message: "could not convert string 'x' to INT32",
  });
});

test("a missing file is SOURCE_MISSING and names the pattern", async () => {
  const error = await failure(session.query("select * from read_parquet('/nowhere/none.parquet')"));
  expect(error).toMatchObject({
    code: "SOURCE_MISSING",
    message: "no files found that match the pattern `/nowhere/none.parquet`",
  });
});

test("files that cannot be read are SOURCE_UNREADABLE and keep their content out of the message", async () => {
  const [parquet, csv, json] = ["bad.parquet", "bad.csv", "bad.json"].map((name) => join(folder, name));
  await writeFile(parquet ?? "", "this is no parquet file");
  await writeFile(csv ?? "", "a,b\n1,2\n3,secret\n");
  await writeFile(json ?? "", '{"a":1}\n{"a":');
  expect(await failure(session.query(`from '${parquet}'`))).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: `no magic bytes found at end of file '${parquet}'`,
  });
  expect(
    await failure(session.query(`from read_csv('${csv}', columns = {a: 'integer', b: 'integer'}, header = true)`)),
  ).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: `reading \`${csv}\` line 3: column \`b\` holds a value that is not INTEGER`,
  });
  expect(await failure(session.query(`from read_json('${json}')`))).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: `malformed JSON in file \`${json}\`, at byte 6 in line 2: unexpected end of data`,
  });
});

test.each([
  [
    "quote.csv",
    'a,b\n1,"secret\nsecret,4\n',
    "read_csv('FILE', columns = {a: 'integer', b: 'varchar'}, header = true, auto_detect = false, quote = '\"')",
    "reading `FILE` line 2: value with unterminated quote found",
  ],
  [
    "short.csv",
    "a,b\n1,2\nsecret\n",
    "read_csv('FILE', columns = {a: 'varchar', b: 'varchar'}, header = true, auto_detect = false)",
    "reading `FILE` line 3: expected Number of Columns: 2 Found: 1",
  ],
  [
    "type.json",
    '{"a":1}\n{"a":"secret"}\n',
    "read_json('FILE', columns = {a: 'bigint'})",
    "JSON transform error in file `FILE`, in line 2: Failed to cast value to numerical",
  ],
])("a wrong value in %s is told by place, without the value", async (name, content, source, message) => {
  const path = join(folder, name);
  await writeFile(path, content);
  const error = await failure(session.query(`from ${source.replace("FILE", path)}`));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", message: message.replace("FILE", path) });
});

test.each([[], ["p"]])(
  "a place that cannot be written to is the target's failure, partitioned by %j",
  async (...partitionBy) => {
    const path = join(folder, "no", "such", "folder");
    const write = session.writeParquet("select 1 as i, 2 as p", { path, partitionBy });
    expect((await failure(write)).code).toBe("TARGET_UNREADABLE");
  },
);

test.runIf(process.platform === "linux")("a full disk is DISK_FULL", async () => {
  const write = session.execute("copy (select random() as r from range(3000000)) to '/dev/full' (format parquet)");
  expect(await failure(write)).toMatchObject({ code: "DISK_FULL", disposition: "retry" });
});

test("extensions are never downloaded", async () => {
  const [row] = await session.query(
    "select bool_or(value = 'true') as downloads from duckdb_settings() where name in ('autoinstall_known_extensions', 'autoload_known_extensions')",
  );
  expect(row).toEqual({ downloads: false });
});

test("a join by a range sorts both sides, also of files whose rows the engine cannot count before", async () => {
  const path = quoteLiteral(join(folder, "ranges.parquet"));
  await session.execute(`copy (select i as id from range(3000) t(i)) to ${path} (field_ids {id: 1})`);
  const rows = `read_parquet(${path}, schema = map {1: {name: 'id', type: 'BIGINT', default_value: null}})`;
  const count = `select count(*) as pairs from ${rows} a join ${rows} b on a.id between b.id and b.id + 5`;
  const [plan] = await session.query(`explain ${count}`);
  expect(plan?.["explain_value"]).toContain("IE_JOIN");
  expect(await session.query(count)).toEqual([{ pairs: 17_985n }]);
});
