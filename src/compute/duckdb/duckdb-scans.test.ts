import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import type { Engine, EngineSession } from "../engine.ts";
import type { ScanExpression } from "../scan-expression.ts";
import { createDuckDbEngine } from "./duckdb-engine.ts";

let engine: Engine;
let session: EngineSession;
let folder: string;
let filters: (ScanExpression | undefined)[];

beforeAll(async () => {
  engine = createDuckDbEngine({ threads: 2, memoryLimit: "1GB" });
  folder = await mkdtemp(join(tmpdir(), "millrace-scans-"));
});
beforeEach(async () => {
  session = await engine.open();
  filters = [];
  await session.defineScan("t", {
    columns: [
      { name: "id", type: "BIGINT" },
      { name: "The Name", type: "VARCHAR" },
    ],
    select: (filter) => {
      filters.push(filter);
      return Promise.resolve("select i as id, 'n' || i as \"The Name\" from range(5) t(i)");
    },
  });
});
afterEach(async () => {
  await session[Symbol.asyncDispose]();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const column = (index: number): ScanExpression => ({ kind: "column", index });

test("its owner hears what each query asks of its rows, and a description asks for nothing", async () => {
  expect(await session.describe("select * from t where id = 3")).toEqual([
    { name: "id", type: "BIGINT" },
    { name: "The Name", type: "VARCHAR" },
  ]);
  expect(filters).toEqual([]);
  expect(await session.query("select id from t where id > 3")).toEqual([{ id: 4n }]);
  const constant: ScanExpression = { kind: "constant", sql: "CAST('3' AS BIGINT)" };
  expect(filters).toEqual([
    { kind: "and", inputs: [{ kind: "compare", operator: ">", left: column(0), right: constant }] },
  ]);
});

test("a query that reads it twice may need the rows of either place", async () => {
  const sql = `select count(*) as n from t where "The Name" = 'n1' union all select count(*) from t where id is null`;
  await session.query(sql);
  expect(filters).toMatchObject([{ kind: "or", inputs: [{ kind: "and" }, { kind: "and" }] }]);
});

test("streams, files and tables are made of its rows as well", async () => {
  const streamed = [];
  for await (const rows of session.stream("select id from t where id < 2")) streamed.push(...rows);
  expect(streamed).toEqual([{ id: 0n }, { id: 1n }]);
  const written = await session.writeParquet("select * from t where id < 3;", { path: join(folder, "t.parquet") });
  expect(written.map((file) => file.rows)).toEqual([3]);
  await session.materialize("kept", "select * from t where id < 4");
  expect(await session.query("select count(*) as n from kept")).toEqual([{ n: 4n }]);
  expect(filters).toHaveLength(3);
});

test("a view over it, a name in another case and a `with` of its name are told apart", async () => {
  await session.defineView("over", "select id from t where id >= 2");
  expect(await session.query("select count(*) as n from over where id < 4")).toEqual([{ n: 2n }]);
  expect(await session.query("select count(*) as n from T")).toEqual([{ n: 5n }]);
  expect(filters).toHaveLength(2);
  expect(await session.query("with t as (select 7 as id) select id from t")).toEqual([{ id: 7 }]);
  expect(await session.query("select 't' as t")).toEqual([{ t: "t" }]);
  expect(filters).toHaveLength(2);
});

test.each([
  ["select count(*) as n from temp.main.t", 5n],
  ["select count(*) as n from main.t", 5n],
  ["select max(count) as n from (summarize t)", 5n],
  ["select count(*) as n from query_table('t')", 5n],
  ["select count(*) as n from query('from t')", 5n],
])("whichever way it is named, its rows are read: %s", async (sql, n) => {
  expect(await session.query(sql)).toEqual([{ n }]);
});

test("a statement that cannot have files chosen fails, and finds no row by accident", async () => {
  const error = await expectFailure(session.execute("create temporary table copy as select * from t"));
  expect(error.message).toContain("`t` was read before its files were chosen");
});

test("after a failure, of the query or of its owner, the next query finds it again", async () => {
  expect((await expectFailure(session.query("select nothing from t"))).code).toBe("SQL_INVALID");
  expect((await expectFailure(session.query("select error('x') from t where id = 1"))).code).toBe("SQL_FAILED");
  await session.defineScan("broken", {
    columns: [{ name: "id", type: "BIGINT" }],
    select: () => Promise.reject(new Error("no file")),
  });
  await expect(session.query("select * from broken")).rejects.toThrow("no file");
  expect(await session.query("select count(*) as n from t")).toEqual([{ n: 5n }]);
});

test("a stream that is left early leaves nothing open", async () => {
  for await (const rows of session.stream("select a.id from t a, t b, t c, range(1000)")) {
    expect(rows.length).toBeGreaterThan(0);
    break;
  }
  await session.execute("begin transaction");
  await session.execute("commit");
  expect(await session.query("select count(*) as n from t")).toEqual([{ n: 5n }]);
});

test("the clock that chooses the files is the clock of the query", async () => {
  let chosenAt = "";
  await session.defineScan("now_scan", {
    columns: [{ name: "seen", type: "TIMESTAMP WITH TIME ZONE" }],
    async select() {
      chosenAt = String((await session.query("select now() as seen"))[0]?.["seen"]);
      return "select now() as seen";
    },
  });
  expect(await session.query("select seen from now_scan where seen <= now()")).toEqual([{ seen: chosenAt }]);
});

test("a view of its name takes its place", async () => {
  await session.defineView("t", "select 1 as id");
  expect(await session.query("select * from t")).toEqual([{ id: 1 }]);
  expect(filters).toEqual([]);
});

test.each<[string, ScanExpression]>([
  ["id in (1, 2)", { kind: "or", inputs: [] }],
  ["id in (1, 2, 3, 4, 5, 6, 7, 8, 9)", { kind: "in", input: column(0), values: [] }],
  ["id not in (1, 2, 3, 4, 5, 6, 7, 8, 9)", { kind: "not", input: { kind: "in", input: column(0), values: [] } }],
  ["id between 1 and 3", { kind: "and", inputs: [] }],
  ["id is null", { kind: "isNull", input: column(0) }],
  [`"The Name" like 'n%'`, { kind: "call", name: "prefix", inputs: [] }],
  ["id > 9007199254740993", { kind: "compare", operator: ">", left: column(0), right: { kind: "unknown" } }],
  ["random() < 0.5", { kind: "compare", operator: "<", left: { kind: "unknown" }, right: { kind: "unknown" } }],
])("the filter `%s` is told as what it is", async (sql, expected) => {
  await session.query(`select count(*) from t where ${sql}`);
  const [filter] = filters;
  const [found] = filter?.kind === "and" ? filter.inputs : [];
  const { inputs: _inputs, values: _values, ...wanted } = expected as unknown as Record<string, unknown>;
  const shape = expected.kind === "not" ? { kind: "not", input: { kind: "in", input: column(0) } } : wanted;
  expect(found).toMatchObject(expected.kind === "compare" ? { kind: "compare", operator: expected.operator } : shape);
});
