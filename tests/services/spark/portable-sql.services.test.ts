// Portable SQL means the same on DuckDB and on a real Spark: each function, clause and operator that is allowed, over values at the
// edges, as the same text on both; and what is refused is refused for a reason.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import type { Engine, EngineSession, Row } from "../../../src/compute/engine.ts";
import { assertPortable } from "../../../src/compute/portable-sql/assert-portable.ts";
import { dialectDifferences } from "../../../src/compute/portable-sql/known/dialect-differences.ts";
import { portableClauses, portableOperators } from "../../../src/compute/portable-sql/known/portable-constructs.ts";
import { portableFunctions } from "../../../src/compute/portable-sql/known/portable-functions.ts";
import { portableCasts } from "../../../src/compute/portable-sql/known/value-kind.ts";
import { portableSettings } from "../../../src/compute/portable-sql/portable-settings.ts";
import type { ConnectSession } from "../../../src/compute/spark/connect/connect-session.ts";
import { prepareSession } from "../../../src/compute/spark/prepare-session.ts";
import { queryRows } from "../../../src/compute/spark/read-rows.ts";
import { edgesSql, labelsSql } from "../../support/spark/portable-rows.ts";
import { sharedSparkConnect } from "./shared-spark.ts";
import type { SparkConnect } from "./spark-connect.ts";

let server: SparkConnect;
let spark: ConnectSession;
let engine: Engine;
let duckdb: EngineSession;

beforeAll(async () => {
  server = await sharedSparkConnect();
  spark = await server.open();
  await prepareSession(spark);
  await spark.set(Object.fromEntries(portableSettings.map(({ key, value }) => [key, value])));
  engine = createDuckDbEngine({ threads: 2 });
  duckdb = await engine.open();
  for (const [name, sql] of Object.entries({ edges: edgesSql, labels: labelsSql })) {
    await duckdb.defineView(name, sql);
    await queryRows(spark, `create temp view ${name} as ${sql}`);
  }
}, 300_000);

afterAll(async () => {
  await duckdb?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  await spark?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const functions = [...portableFunctions.values()];
const ofWindows = functions.filter(({ group }) => group === "window").flatMap(({ examples }) => examples);
const ofGroups = functions.filter(({ group }) => group === "aggregate").flatMap(({ examples }) => examples);
const ofRows = [...functions.filter(({ group }) => group !== "window" && group !== "aggregate"), ...portableOperators]
  .flatMap(({ examples }) => examples)
  .concat(portableCasts.flatMap(({ examples }) => examples.filter((example) => !example.includes("count("))));

test("functions, casts and operators give the same values of each row", async () => {
  expect(await compare(`select id, ${toColumns(ofRows)} from edges`)).toEqual([]);
}, 60_000);

test("aggregates give the same values of groups, of their totals, and of nothing", async () => {
  const columns = toColumns(ofGroups);
  expect(await compare(`select g, ${columns} from edges group by rollup (g)`)).toEqual([]);
  const ofAll = toColumns(ofGroups.filter((example) => !example.startsWith("grouping")));
  expect(await compare(`select ${ofAll} from edges where id < 0`)).toEqual([]);
}, 60_000);

test("functions of windows give the same values", async () => {
  expect(await compare(`select id, ${toColumns(ofWindows)} from edges`)).toEqual([]);
}, 60_000);

test("percentiles, means and roundings of a hundred sizes are the same to the last bit", async () => {
  const digits = "(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))";
  const numbers = `(select a.v * 10 + b.v as k from ${digits} as a(v) cross join ${digits} as b(v))`;
  const shares = ["0.1", "0.25", "0.3", "0.7", "0.9", "0.95"];
  const figures = [
    ...shares.map((share) => `percentile_disc(${share}) within group (order by s.k)`),
    "avg(cast(s.k * s.k as double))",
    "median(cast(s.k as double))",
    "cast(round(avg(cast(s.k as double)) * 0.37 * 100) as double) / 100",
  ];
  const sql = `select n.k as n, ${toColumns(figures)} from ${numbers} as s join ${numbers} as n on s.k <= n.k group by n.k`;
  expect(await compare(sql)).toEqual([]);
}, 60_000);

test("clauses give the same rows, and in the same order where they say one", async () => {
  const found: string[] = [];
  for (const sql of portableClauses.flatMap(({ examples }) => examples)) found.push(...(await compare(sql)));
  expect(found).toEqual([]);
}, 60_000);

test("differences are there as they are told, and portable SQL has none that is silent", async () => {
  for (const difference of dialectDifferences) {
    const { sql } = difference;
    const query = /\) from \(values/.test(sql) ? `select ${sql.replace(" from", " as v from")}` : `select ${sql} as v`;
    const got = {
      sql,
      duckdb: await valueOf(() => duckdb.query(query)),
      spark: await valueOf(() => queryRows(spark, query)),
    };
    expect(got).toEqual(difference);
    if (got.duckdb !== "error" && got.spark !== "error") expect(() => assertPortable(query)).toThrow("is not portable");
  }
}, 60_000);

test("a planted difference is found", async () => {
  const planted = "select id, concat(t, g) as v from edges";
  expect(await rowsThatDiffer(planted)).not.toEqual([]);
  expect(await rowsThatDiffer("select id, t from edges order by t, id")).not.toEqual([]);
});

function toColumns(expressions: readonly string[]): string {
  return expressions.map((expression, place) => `${expression} as v${place}`).join(", ");
}

/** What differs of a query that is portable. */
async function compare(sql: string): Promise<string[]> {
  assertPortable(sql);
  return await rowsThatDiffer(sql);
}

async function rowsThatDiffer(sql: string): Promise<string[]> {
  const types = new Map((await duckdb.describe(sql)).map(({ name, type }) => [name, type]));
  const isOrdered = /order by [^)]*$/.test(sql);
  const [expected, got] = await Promise.all([duckdb.query(sql), queryRows(spark, sql)]);
  const [left, right] = [expected, got].map((rows) => {
    const texts = rows.map((row) => toPlain(row, types));
    return isOrdered ? texts : texts.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  });
  if (left === undefined || right === undefined) throw new Error("there are two engines");
  return Array.from({ length: Math.max(left.length, right.length) }, (_, place) => place).flatMap((place) =>
    tellDifference(sql, left[place] ?? [], right[place] ?? []),
  );
}

type Cell = readonly [column: string, value: unknown];

function tellDifference(sql: string, left: readonly Cell[], right: readonly Cell[]): string[] {
  if (JSON.stringify(left) === JSON.stringify(right)) return [];
  const cells = left.filter(([, value], place) => value !== right[place]?.[1]);
  const others = cells.map(([name]) => right.find((cell) => cell[0] === name));
  return [`${sql.slice(0, 60)}: DuckDB ${JSON.stringify(cells)}, Spark ${JSON.stringify(others)}`];
}

/** Numbers of all types by their value; other values are what they are, also times with a zone and without one. */
function toPlain(row: Row, types: ReadonlyMap<string, string>): Cell[] {
  return Object.entries(row).map(([name, value]) => [
    name,
    value === null ? null : toPlainValue(value, types.get(name)),
  ]);
}

function toPlainValue(value: unknown, type = ""): unknown {
  if (/^(?:.*INT|DOUBLE|DECIMAL)/.test(type) && !type.includes("INTERVAL")) {
    if (typeof value === "string") return /^-?\d+\.\d+$/.test(value) ? value.replace(/\.?0+$/, "") : value;
    return Object.is(value, -0) ? "0" : String(value);
  }
  return value;
}

/** As `DialectDifference` tells it. */
async function valueOf(work: () => Promise<Row[]>): Promise<string> {
  try {
    const [{ v: value } = {}] = await work();
    return typeof value === "bigint" ? String(value) : JSON.stringify(value);
  } catch {
    return "error";
  }
}
