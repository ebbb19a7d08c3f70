import fc from "fast-check";
import { expect, test } from "vitest";
import type { ColumnStatistics } from "../../../compute/engine.ts";
import { toDeltaSchema } from "./delta-schema.ts";
import { parseRowCount, toDeltaStatistics } from "./delta-statistics.ts";

function statsText(type: string, statistics: ColumnStatistics): string {
  const file = { path: "a.parquet", rows: 3, bytes: 10, statistics: { c: statistics }, partition: {} };
  return toDeltaStatistics(file, toDeltaSchema([{ name: "c", type }]), []);
}

interface Stats {
  readonly minValues?: { readonly c?: unknown };
  readonly maxValues?: { readonly c?: unknown };
}

function bounds(type: string, min: string, max: string): [unknown, unknown] {
  const stats = JSON.parse(statsText(type, { min, max, nullCount: 1 })) as Stats;
  return [stats.minValues?.c, stats.maxValues?.c];
}

test("numbers keep every digit", () => {
  expect(statsText("BIGINT", { min: "-9223372036854775808", max: "9223372036854775807", nullCount: 0 })).toBe(
    '{"numRecords":3,"minValues":{"c":-9223372036854775808},"maxValues":{"c":9223372036854775807},"nullCount":{"c":0}}',
  );
  expect(
    statsText("DECIMAL(38,2)", { min: "-0.50", max: "123456789012345678901234567890.12", nullCount: 0 }),
  ).toContain('"maxValues":{"c":123456789012345678901234567890.12}');
});

test.each([
  ["DOUBLE", "-1.5", "1e+300", -1.5, 1e300],
  ["DOUBLE", "-inf", "inf", undefined, undefined],
  ["DATE", "2020-01-01", "12020-01-01", undefined, undefined],
  ["BOOLEAN", "0", "1", false, true],
  ["BLOB", "00", "FF", undefined, undefined],
  [
    "TIMESTAMP WITH TIME ZONE",
    "2020-01-01 00:00:00.123456+00",
    "2020-01-01 23:59:59.9991+00",
    "2020-01-01T00:00:00.123Z",
    "2020-01-02T00:00:00.000Z",
  ],
  ["TIMESTAMP WITH TIME ZONE", "2020-01-01 00:00:00+00", "infinity", undefined, undefined],
  [
    "TIMESTAMP WITH TIME ZONE",
    "9999-12-31 23:59:59.9991+00",
    "9999-12-31 23:59:59.999999+00",
    "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59.999999Z",
  ],
  ["TIMESTAMP WITH TIME ZONE", "0044-03-15 (BC) 00:00:00+00", "10000-01-01 00:00:00+00", undefined, undefined],
])("bounds of %s from %s to %s", (type, min, max, wantedMin, wantedMax) => {
  expect(bounds(type, min, max)).toEqual([wantedMin, wantedMax]);
});

test("bounds of text hold every value between, however long", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (value) => {
      const [min, max] = bounds("VARCHAR", value, value);
      if (min === undefined || max === undefined) return;
      expect(compareBytes(min as string, value)).toBeLessThanOrEqual(0);
      expect(compareBytes(max as string, value)).toBeGreaterThanOrEqual(0);
    }),
  );
});

/** Any second that has a text of four digits for its year, the ends of the calendar more often. */
const anySecond = fc.oneof(
  fc.constantFrom("0001-01-01T00:00:00", "1969-12-31T23:59:59", "9999-12-31T23:59:59", "9999-12-31T23:59:58"),
  fc
    .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true })
    .map((at) => at.toISOString().slice(0, 19)),
);

/** Microseconds of an ISO instant with a year of four digits. */
function toMicros(text: string): bigint {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{3}|\d{6})Z$/.exec(text);
  expect(found).not.toBeNull();
  return BigInt(Date.parse(`${found?.[1]}Z`)) * 1000n + BigInt((found?.[2] ?? "").padEnd(6, "0"));
}

test("bounds of instants hold the instant", () => {
  fc.assert(
    fc.property(anySecond, fc.integer({ min: 0, max: 999_999 }), (second, micros) => {
      const fraction = String(micros).padStart(6, "0");
      const text = `${second.replace("T", " ")}.${fraction}+00`;
      const [min, max] = bounds("TIMESTAMP WITH TIME ZONE", text, text).map((bound) => toMicros(String(bound)));
      const exact = toMicros(`${second}.${fraction}Z`);
      expect(min).toBeLessThanOrEqual(exact);
      expect(max).toBeGreaterThanOrEqual(exact);
      expect((max ?? 0n) - (min ?? 0n)).toBeLessThanOrEqual(1000n);
    }),
    {
      numRuns: 300,
      examples: [
        ["9999-12-31T23:59:59", 999_001],
        ["0001-01-01T00:00:00", 1],
      ],
    },
  );
});

test("a column of nulls has a null count and no bounds, nested fields are nested", () => {
  const file = {
    path: "a.parquet",
    rows: 2,
    bytes: 10,
    partition: { p: "x" },
    statistics: {
      a: { nullCount: 2 },
      s: { fields: { b: { min: "1", max: "2", nullCount: 0 }, l: { fields: { element: { min: "1", max: "1" } } } } },
      l: { fields: { element: { min: "1", max: "2" } } },
    },
  };
  const schema = toDeltaSchema([
    { name: "a", type: "INTEGER" },
    { name: "s", type: "STRUCT(b INTEGER, l INTEGER[])" },
    { name: "l", type: "INTEGER[]" },
    { name: "p", type: "VARCHAR" },
  ]);
  expect(JSON.parse(toDeltaStatistics(file, schema, ["p"]))).toEqual({
    numRecords: 2,
    minValues: { s: { b: 1 } },
    maxValues: { s: { b: 2 } },
    nullCount: { a: 2, s: { b: 0 } },
  });
});

test("a column with values and no bounds takes the bounds of the whole file away, except a binary one", () => {
  const schema = toDeltaSchema([
    { name: "a", type: "INTEGER" },
    { name: "b", type: "DOUBLE" },
    { name: "c", type: "BLOB" },
  ]);
  const a = { min: "1", max: "2", nullCount: 0 };
  const statsWith = (b: ColumnStatistics): unknown => {
    const statistics = { a, b, c: { min: "00", max: "FF", nullCount: 0 } };
    return JSON.parse(toDeltaStatistics({ path: "a", rows: 2, bytes: 1, partition: {}, statistics }, schema, []));
  };
  expect(statsWith({ nullCount: 0 })).toEqual({ numRecords: 2, nullCount: { a: 0, b: 0, c: 0 } });
  expect(statsWith({ nullCount: 2 })).toMatchObject({ minValues: { a: 1 }, maxValues: { a: 2 } });
  expect(statsWith({ min: "1", max: "inf", nullCount: 0 })).not.toHaveProperty("minValues");
});

test("a wide table has statistics for its first 32 columns", () => {
  const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
  const statistics = Object.fromEntries(names.map((name) => [name, { min: "1", max: "1", nullCount: 0 }]));
  const schema = toDeltaSchema(names.map((name) => ({ name, type: "INTEGER" })));
  const text = toDeltaStatistics({ path: "a", rows: 1, bytes: 1, partition: {}, statistics }, schema, []);
  expect(Object.keys((JSON.parse(text) as { nullCount: object }).nullCount)).toEqual(names.slice(0, 32));
});

test("the row count is read where the writer gave one", () => {
  expect(parseRowCount('{"numRecords":7}')).toBe(7);
  expect(parseRowCount("{}")).toBeUndefined();
  expect(parseRowCount(null)).toBeUndefined();
});

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
