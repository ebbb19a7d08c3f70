// Casts: every value is held exactly or refused, and times are what their form says.
import { expect, test } from "vitest";
import { convert, typesOf } from "../../../tests/support/data/convert.ts";
import { useEngineSession } from "../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { toConvertError } from "./step-error.ts";
import type { CastOptions } from "./steps/cast.ts";

const session = useEngineSession();

/** The values after a cast that leaves out what does not fit. */
async function castOf(values: string, options: string | CastOptions): Promise<unknown[]> {
  const sql = `SELECT unnest(${values}) AS v`;
  return (await convert(session(), sql, [{ cast: { v: options }, onError: "null" }])).rows.map(({ v }) => v);
}

test.each([
  [
    "['1', ' 2 ', '1.5', 'x', '', '9007199254740993', '99999999999999999999']",
    "BIGINT",
    [1n, 2n, null, null, null, 9_007_199_254_740_993n, null],
  ],
  ["['1.25', '1.255', '1e2', '123456789012345678901234.5']", "DECIMAL(18,2)", ["1.25", null, "100.00", null]],
  ["[1.0, 1.5, 1e30, 'NaN'::DOUBLE]", "INTEGER", [1, null, null, null]],
  ["[0.1::DOUBLE, 19.990000000000002::DOUBLE]", "DECIMAL(18,2)", ["0.10", "19.99"]],
  ["[0, 1, 7]", "BOOLEAN", [false, true, null]],
  ["['true', 'false', 'maybe']", "boolean", [true, false, null]],
  ["['2026-02-28', '2026-02-30']", "date", ["2026-02-28", null]],
  ["[1::HUGEINT, 170141183460469231731687303715884105727]", "BIGINT", [1n, null]],
  ["['a', NULL]", "VARCHAR", ["a", null]],
  ["[1, NULL]", "VARCHAR", ["1", null]],
] as const)("%s as %s", async (values, type, expected) => {
  expect(await castOf(values, type)).toEqual(expected);
});

const zoned = "TIMESTAMP WITH TIME ZONE";

test.each([
  [
    "a format",
    "['31.01.2026 10:00', 'x']",
    { type: "TIMESTAMP", format: "%d.%m.%Y %H:%M" },
    ["2026-01-31T10:00:00", null],
  ],
  [
    "several formats",
    "['31.01.2026', '2026-02-01', '20260203']",
    { type: "DATE", format: ["%d.%m.%Y", "%Y-%m-%d"] },
    ["2026-01-31", "2026-02-01", null],
  ],
  [
    "a local time of a zone",
    "['2026-07-01 12:00', '2026-07-01T12:00:00Z', '2026-07-01T12:00:00+02:00']",
    { type: zoned, timezone: "Europe/Oslo" },
    ["2026-07-01T10:00:00Z", "2026-07-01T12:00:00Z", "2026-07-01T10:00:00Z"],
  ],
  ["a local time of no zone", "['2026-07-01 12:00']", zoned, ["2026-07-01T12:00:00Z"]],
  [
    "an offset in a format",
    "['01.07.2026 12:00 +0200']",
    { type: zoned, format: "%d.%m.%Y %H:%M %z" },
    ["2026-07-01T10:00:00Z"],
  ],
  ["seconds", "[1572566400, 1572566400000]", { type: zoned, epoch: "seconds" }, ["2019-11-01T00:00:00Z", null]],
  [
    "parts of a second",
    "['1572566400.25', 'x']",
    { type: "TIMESTAMP", epoch: "seconds" },
    ["2019-11-01T00:00:00.25", null],
  ],
  ["milliseconds", "[1572566400123, NULL]", { type: zoned, epoch: "milliseconds" }, ["2019-11-01T00:00:00.123Z", null]],
  [
    "the day somewhere",
    "[1572566400]",
    { type: "DATE", epoch: "seconds", timezone: "America/Los_Angeles" },
    ["2019-10-31"],
  ],
  ["microseconds", "[-1]", { type: "TIMESTAMP", epoch: "microseconds" }, ["1969-12-31T23:59:59.999999"]],
  ["an empty text", "['', '2026-01-01']", { type: "DATE", empty: "null" }, [null, "2026-01-01"]],
] as const)("%s becomes a time", async (_name, values, options, expected) => {
  expect(await castOf(values, options)).toEqual(expected);
});

test("a value that does not fit fails the run, and the message names step and column and not the value", async () => {
  const failing = convert(session(), "SELECT 'canary' AS amount", [{ cast: { amount: "BIGINT" } }]);
  const error = toConvertError(await expectFailure(failing)) as Error;
  expect(error).toMatchObject({ code: "CONVERT_FAILED" });
  expect(error.message).toBe("step 1 (`cast`): column `amount` holds a value that is no BIGINT");
});

test("a row with a value that does not fit is set aside as it was", async () => {
  const sql = "SELECT * FROM (VALUES (1, '1.5', 'x'), (2, '2', '2026-01-01')) t(id, n, day)";
  const { rows, columns, aside } = await convert(session(), sql, [
    { cast: { n: "INTEGER", day: "DATE" }, onError: "quarantine" },
    { derive: { twice: { sql: "n * 2" } } },
  ]);
  expect(typesOf(columns)).toEqual({ id: "INTEGER", n: "INTEGER", day: "DATE", twice: "INTEGER" });
  expect(rows).toEqual([{ id: 2, n: 2, day: "2026-01-01", twice: 4 }]);
  expect(aside).toEqual([
    {
      id: 1,
      n: "1.5",
      day: "x",
      _millrace_reasons: [
        "step 1 (`cast`): column `n` holds a value that is no INTEGER",
        "step 1 (`cast`): column `day` holds a value that is no DATE",
      ],
    },
  ]);
});
