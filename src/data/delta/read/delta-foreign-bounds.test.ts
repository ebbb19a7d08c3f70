// Other writers give bounds as JSON readers and doubles leave them. No file may be left out for what was lost on that way.
import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { publish } from "../../../../tests/support/data/delta-publish.ts";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import type { ScanExpression } from "../../../compute/scan-expression.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { chooseFiles } from "./delta-file-filter.ts";
import { openDeltaScan } from "./delta-scan.ts";
import { type DeltaType, toEngineType } from "../schema/delta-schema.ts";

const folder = useTemporaryFolder("delta-foreign-bounds");
const session = useEngineSession();

/** The files, as numbers, that may hold `value` by what the log says of each. */
async function chosen(type: DeltaType, value: string, stats: readonly string[]): Promise<number[]> {
  const place = { nullable: true, metadata: {} };
  const inner = { type: "struct" as const, fields: [{ name: "v", type, ...place }] };
  const schema = { type: "struct" as const, fields: [...inner.fields, { name: "st", type: inner, ...place }] };
  const files = stats.map((text, index): AddFile => ({
    path: String(index),
    partitionValues: {},
    size: 1,
    modificationTime: 0,
    dataChange: true,
    stats: text,
  }));
  const constant: ScanExpression = { kind: "constant", sql: `CAST('${value}' AS ${toEngineType(type)})` };
  const equal = (left: ScanExpression): ScanExpression => ({ kind: "compare", operator: "=", left, right: constant });
  const column: ScanExpression = { kind: "column", index: 0 };
  const field: ScanExpression = { kind: "field", name: "v", input: { kind: "column", index: 1 } };
  const source = { tablePath: folder(), schema, partitionColumns: [], files };
  const kept = await chooseFiles(session(), source, { kind: "and", inputs: [equal(column), equal(field)] });
  return kept.map(({ path }) => Number(path));
}

function statistics(min: string, max: string): string {
  const side = (bound: string): string => `{"v":${bound},"st":{"v":${bound}}}`;
  return `{"numRecords":1,"minValues":${side(min)},"maxValues":${side(max)},"nullCount":{"v":0,"st":{"v":0}}}`;
}

const largestLong = 9223372036854775807n;

/** How writers put a number into the log. */
const numberWriters: readonly ((text: string) => string)[] = [
  (text) => JSON.stringify(Number(text)),
  (text) => Number(text).toExponential(),
  (text) => Number(text).toPrecision(15),
  (text) => (Number(text) >= Number(largestLong) ? String(largestLong) : JSON.stringify(Number(text))),
];

const decimal = fc.integer({ min: 1, max: 38 }).chain((precision) =>
  fc.record({
    precision: fc.constant(precision),
    scale: fc.integer({ min: 0, max: precision }),
    unscaled: fc.bigInt({ min: -(10n ** BigInt(precision)) + 1n, max: 10n ** BigInt(precision) - 1n }),
  }),
);

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const whole = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return unscaled < 0n ? `-${whole}` : whole;
}

test("a file with a decimal is found whatever became of its digits", async () => {
  await fc.assert(
    fc.asyncProperty(decimal, async ({ precision, scale, unscaled }) => {
      const value = decimalText(unscaled, scale);
      const stats = numberWriters.map((write) => statistics(write(value), write(value)));
      expect(await chosen(`decimal(${precision},${scale})`, value, stats)).toEqual([...stats.keys()]);
    }),
    {
      numRuns: 150,
      examples: [
        [{ precision: 20, scale: 0, unscaled: 12345678901234567891n }],
        [{ precision: 38, scale: 2, unscaled: 12345678901234567890123456789012345678n }],
        [{ precision: 18, scale: 2, unscaled: 999999999999999899n }],
        [{ precision: 38, scale: 38, unscaled: 12345678901234567890n }],
      ],
    },
  );
});

test("so is one with a long, and one with a text, a day or an instant", async () => {
  const text = fc.string({ unit: "grapheme", maxLength: 50 }).filter((each) => !each.includes("\0"));
  const cut = (each: string): string => Array.from(each).slice(0, 32).join("");
  const long = fc.bigInt({ min: -largestLong, max: largestLong });
  const micros = fc.integer({ min: -2_000_000, max: 2_000_000 });
  await fc.assert(
    fc.asyncProperty(long, text, micros, async (number, string, at) => {
      const own = String(number);
      const stats = [statistics(JSON.stringify(Number(own)), JSON.stringify(Number(own)))];
      expect(await chosen("long", own, stats)).toEqual([0]);
      const max = Array.from(string).length > 32 ? `${cut(string)}\u{FFFD}` : string;
      const texts = [statistics(JSON.stringify(cut(string)), JSON.stringify(max))];
      expect(await chosen("string", string.replaceAll("'", "''"), texts)).toEqual([0]);
      const instant = new Date(Math.floor(at / 1000)).toISOString().replace("Z", "");
      const rest = String(((at % 1000) + 1000) % 1000).padStart(3, "0");
      const instants = JSON.stringify(new Date(Math.trunc(at / 1000)).toISOString()); // towards 1970
      expect(await chosen("timestamp", `${instant}${rest}Z`, [statistics(instants, instants)])).toEqual([0]);
    }),
    { numRuns: 120, endOnFailure: true, examples: [[9007199254740993n, `${"x".repeat(32)}😀`, -1]] },
  );
});

test.each<readonly [DeltaType, string, string, string]>([
  ["long", "7", "8", "9007199254740991"],
  ["decimal(10,2)", "7.01", "7.02", "99999999.99"],
  ["decimal(38,2)", "7.01", "7.02", "9999999999999.99"],
  ["decimal(38,20)", "0.000001", "0.0000011", "0.000009"],
  ["string", "a", '"b"', '"c"'],
  ["date", "2026-01-01", '"2026-01-02"', '"2026-01-03"'],
  ["timestamp", "2026-01-01 00:00:00Z", '"2026-01-01T00:00:00.002Z"', '"2026-01-02T00:00:00Z"'],
  ["boolean", "false", "true", "true"],
])("a file is left out by bounds of type %s that nothing can have changed", async (type, value, min, max) => {
  expect(await chosen(type, value, [statistics(min, max)])).toEqual([]);
});

test.each<readonly [DeltaType, string, string, string]>([
  ["double", "0.1", "0.10000000000000002", "0.2"],
  ["float", "0.1", "0.2", "0.3"],
  ["date", "+10183-09-21", '"+10183-09-21"', '"+10183-09-21"'],
  ["date", "0002-01-01 (BC)", '"-0002-01-01"', '"-0001-01-01"'],
])("bounds of type %s with more than one reading leave no file out: %s", async (type, value, min, max) => {
  expect(await chosen(type, value.replace("+", ""), [statistics(min, max)])).toEqual([0]);
});

describe("a table of another writer", () => {
  /** Publishes one row and makes the log say what a writer with doubles says of it. */
  async function publishForeign(path: string, sql: string, bound: string): Promise<void> {
    const { version } = await publish(session(), path, sql);
    const commit = join(path, "_delta_log", `${String(version).padStart(20, "0")}.json`);
    const actions = (await readFile(commit, "utf8")).trimEnd().split("\n");
    const lines = actions.flatMap((line) => {
      const action = JSON.parse(line) as { add?: AddFile; commitInfo?: unknown };
      if (action.commitInfo !== undefined) return [];
      if (action.add === undefined) return [line];
      const stats = `{"numRecords":1,"minValues":{"id":${bound}},"maxValues":{"id":${bound}},"nullCount":{"id":0}}`;
      return [JSON.stringify({ add: { ...action.add, tags: undefined, stats } })];
    });
    await writeFile(commit, lines.map((line) => `${line}\n`).join(""));
  }

  test.each([
    ["decimal(20,0)", "12345678901234567891", "9223372036854775807"],
    ["decimal(38,2)", "123456789012345678901234567890123456.78", "1.2345678901234568e+35"],
    ["decimal(18,2)", "9999999999999998.99", "9999999999999998.0"],
    ["bigint", "9007199254740993", "9007199254740992"],
  ])("keeps each key of type %s once in a merge, and queries find it", async (type, id, bound) => {
    const path = join(folder(), randomUUID());
    await publishForeign(path, `select '${id}'::${type} as id, 0 as v`, bound);
    const merge = { mode: "merge", key: ["id"] } as const;
    const { version } = await publish(session(), path, `select '${id}'::${type} as id, 1 as v`, merge);
    await session().defineScan("merged", await openDeltaScan(path, { session: session(), version }));
    expect(await session().query(`select v from merged`)).toEqual([{ v: 1 }]);
    await session().defineScan("first", await openDeltaScan(path, { session: session(), version: 0 }));
    expect(await session().query(`select v from first where id = '${id}'::${type}`)).toEqual([{ v: 0 }]);
  });
});
