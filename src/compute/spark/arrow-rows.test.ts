import * as arrow from "apache-arrow";
import { expect, test } from "vitest";
import type { Row } from "../engine.ts";
import { createArrowRowReader } from "./arrow-rows.ts";

const micros = new arrow.TimestampMicrosecond("UTC");

async function read(columns: Readonly<Record<string, arrow.Vector>>): Promise<Row[]> {
  return (await createArrowRowReader())(arrow.tableToIPC(new arrow.Table(columns), "stream"));
}

/** A column out of the numbers that Arrow keeps. */
function column<Type extends arrow.DataType>(type: Type, values: Type["TArray"], length: number): arrow.Vector<Type> {
  return arrow.makeVector(arrow.makeData({ type, length, data: values } as never)) as arrow.Vector<Type>;
}

test("instants keep their microseconds, before 1970, too, and say whether they have a zone", async () => {
  const values = (): BigInt64Array => BigInt64Array.of(1_767_323_045_000_006n, -1n, 253_402_300_799_999_999n);
  expect(
    await read({ at: column(micros, values(), 3), naive: column(new arrow.TimestampMicrosecond(), values(), 3) }),
  ).toEqual([
    { at: "2026-01-02T03:04:05.000006Z", naive: "2026-01-02T03:04:05.000006" },
    { at: "1969-12-31T23:59:59.999999Z", naive: "1969-12-31T23:59:59.999999" },
    { at: "9999-12-31T23:59:59.999999Z", naive: "9999-12-31T23:59:59.999999" },
  ]);
});

test("decimals are exact, with their sign and scale", async () => {
  const words = Uint32Array.of(5, 0, 0, 0, 0xffff_fffb, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0, 0, 1, 0);
  expect(await read({ exact: column(new arrow.Decimal(2, 38), words, 3) })).toEqual([
    { exact: "0.05" },
    { exact: "-0.05" },
    { exact: "184467440737095516.16" },
  ]);
  expect(await read({ whole: column(new arrow.Decimal(0, 38), words, 1) })).toEqual([{ whole: "5" }]);
});

test("texts, NULLs and 64-bit integers come as they are, also in a column called `__proto__`", async () => {
  const texts = arrow.vectorFromArray(["a", null, ""], new arrow.Utf8());
  const [row, second] = await read({
    ["__proto__"]: texts,
    n: arrow.vectorFromArray([1n, 2n ** 62n, null], new arrow.Int64()),
  });
  expect(Object.entries(row ?? {})).toEqual([
    ["__proto__", "a"],
    ["n", 1n],
  ]);
  expect(Object.entries(second ?? {})).toEqual([
    ["__proto__", null],
    ["n", 2n ** 62n],
  ]);
});

test("a column of a type that rows do not hold is refused by its name", async () => {
  const interval = column(new arrow.Interval(arrow.IntervalUnit.YEAR_MONTH), Int32Array.of(1), 1);
  await expect(read({ lasting: interval })).rejects.toThrow("column `lasting` has a type that rows do not hold");
});
