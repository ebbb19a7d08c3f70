import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import type { CsvColumns } from "./options.ts";
import { csvRows } from "./relation.ts";

const folder = useTemporaryFolder("csv-declared");
const session = useEngineSession();

/** Values as text, or `undefined` where they are refused. */
async function read(
  type: CsvColumns[string],
  values: readonly string[],
  print: (value: string) => string = (value) => value,
): Promise<string[] | undefined> {
  const path = join(folder(), "a.csv");
  await writeFile(path, `v,w\n${values.map((value) => `${value},x\n`).join("")}`);
  const hint = { columns: () => Promise.resolve(undefined), isVerbatim: true };
  const source = await csvRows(session(), [path], { types: { v: type } }, hint);
  try {
    const rows = await session().query(`SELECT (${print("v")})::VARCHAR AS v FROM (${source.sql})`);
    return rows.map((row) => String(row["v"]));
  } catch (error) {
    expect(await source.explain?.(error)).toMatchObject({ code: "SOURCE_UNREADABLE" });
    return undefined;
  }
}

/** A number of at most nine digits behind the point as a whole number of billionths. */
function billionths(text: string): bigint {
  const [, sign, whole = "0", fraction = ""] = /^([+-]?)(\d*)\.?(\d*)$/.exec(text) ?? [];
  return BigInt(`${sign === "-" ? "-" : ""}${whole}${fraction.padEnd(9, "0")}`);
}

const plain = fc.stringMatching(/^-?(0|[1-9][0-9]{0,2})([.][0-9]{1,2})?$/);
const unusual = fc.constantFrom("007", "+1", "1.5", "2.50", "3.000", "-0", "-0.0", "1.239", "12.3456", "0.5", "5.");

test("a declared number is read with every digit or refused, whether it is written plainly or not", async () => {
  const types = fc.constantFrom(["INTEGER", 0], ["BIGINT", 0], ["DECIMAL(10,2)", 2], ["DECIMAL(12,4)", 4]);
  const values = fc.array(fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: unusual }), {
    minLength: 1,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(types, values, async ([type, scale], texts) => {
      const unit = 10n ** BigInt(9 - Number(scale));
      const isExact = texts.every((text) => billionths(text) % unit === 0n);
      const found = await read(String(type), texts);
      expect(found?.map(billionths)).toEqual(isExact ? texts.map(billionths) : undefined);
    }),
    { numRuns: 100 },
  );
});

interface Moment {
  readonly day: string;
  readonly separator: string;
  readonly clock: string;
  readonly fraction: string;
  readonly offset: string;
}

const clocks = ["", "00:00:00", "00:00", "10:20:30", "23:59:59"];
const fractions = ["", ".5", ".500", ".0000000", ".123456", ".1234560", ".1234567", ".123456789", ".1234567891"];
const offsets = ["", "Z", "+00:00", "+02:00", "-05", "+0530", "x", " Europe/Berlin"];

const moments: fc.Arbitrary<Moment> = fc
  .record({
    day: fc.constantFrom("2026-01-31", "2000-02-29", "1969-12-31"),
    separator: fc.constantFrom(" ", "T"),
    clock: fc.constantFrom(...clocks),
    fraction: fc.constantFrom("", ...fractions),
    offset: fc.constantFrom("", ...offsets),
  })
  .map((found) => ({
    ...found,
    // a fraction belongs to a second, and an offset to a time
    fraction: found.clock.length === 8 ? found.fraction : "",
    offset: found.clock === "" ? "" : found.offset,
  }));

/** Digits behind the second, and whether an offset is kept; of days no digits. */
const timeTypes: Readonly<Record<string, number>> = {
  DATE: -1,
  TIMESTAMP_S: 0,
  TIMESTAMP_MS: 3,
  TIMESTAMP: 6,
  TIMESTAMP_NS: 9,
  "TIMESTAMP WITH TIME ZONE": 6,
};

/** Nanoseconds since 1970 if the type keeps all of the moment. */
function instantOf(type: string, { day, clock, fraction, offset }: Moment): bigint | undefined {
  const digits = timeTypes[type] ?? 0;
  const kept = fraction.replace(/[.]?0*$/, "").slice(1);
  const isMidnight = /^[0:]*$/.test(clock) && kept === "";
  const [, sign, hours = "0", minutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset) ?? [];
  const away = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  if (!/^(|Z|[+-][\d:]+)$/.test(offset)) return undefined;
  // the engine reads an offset behind seconds alone
  if (clock.length === 5 && offset !== "") return undefined;
  if (digits < 0 && !(isMidnight && offset === "")) return undefined;
  if (kept.length > Math.max(0, digits)) return undefined;
  if (type !== "TIMESTAMP WITH TIME ZONE" && away !== 0) return undefined;
  const seconds = Date.parse(`${day}T${clock === "" ? "00:00" : clock}Z`) / 1000 - away * 60;
  return BigInt(seconds) * 1_000_000_000n + BigInt(kept.padEnd(9, "0"));
}

test("a declared day or time is read with all that was delivered, or refused", async () => {
  const columns = fc.constantFrom(...Object.keys(timeTypes)).chain((type) =>
    fc.record({
      type: fc.constant(type),
      // columns that are readable, and those in which one value is not
      values: fc
        .tuple(
          fc.array(
            moments.filter((moment) => instantOf(type, moment) !== undefined),
            { maxLength: 2 },
          ),
          moments,
        )
        .map(([readable, any]) => [...readable, any]),
    }),
  );
  const hour = { day: "2026-01-31", separator: " ", clock: "10:00:00", fraction: "", offset: "" };
  await fc.assert(
    fc.asyncProperty(columns, async ({ type, values }) => {
      const expected = values.map((value) => instantOf(type, value));
      const texts = values.map(({ day, separator, clock, fraction, offset }) =>
        clock === "" ? day : `${day}${separator}${clock}${fraction}${offset}`,
      );
      const found = await read(
        type,
        texts,
        (value) => `epoch_ns(${value}::${type === "TIMESTAMP_NS" ? type : "TIMESTAMP"})`,
      );
      expect(found?.map(BigInt)).toEqual(expected.includes(undefined) ? undefined : expected);
    }),
    { numRuns: 200, examples: [[{ type: "DATE", values: [hour] }]] },
  );
});

test.each([
  ["TIME", ["10:20:30.123456", "1:2", "24:00:00"], ["10:20:30.123456", "01:02:00", "24:00:00"]],
  ["TIME", ["10:20:30.1234567"], undefined],
  ["TIME", ["10:20:30+02"], undefined],
  ["TIME", ["2026-01-31 10:20:30"], undefined],
  ["TIME WITH TIME ZONE", ["10:20:30+02"], ["10:20:30+02"]],
  ["TIME WITH TIME ZONE", ["10:20:30.1234567+02"], undefined],
  ["DATE", ["2026/1/5", "infinity"], ["2026-01-05", "infinity"]],
  ["DATE", ["2026-01-31 or so"], undefined],
  ["DATE", ["2026-02-30"], undefined],
  ["INTERVAL", ["1 month 2 days 03:04:05.5"], ["1 month 2 days 03:04:05.5"]],
  ["INTERVAL", ["1.5 months"], undefined],
  ["INTERVAL", ["00:00:00.1234567"], undefined],
  ["DOUBLE", ["1e300", "-inf", "2.50"], ["1e+300", "-inf", "2.5"]],
  ["DOUBLE", ["1e400"], undefined],
  ["FLOAT", ["9".repeat(39)], undefined],
  ["FLOAT", [`1${"0".repeat(40)}`], undefined],
  ["BIGNUM", ["9".repeat(50)], ["9".repeat(50)]],
  ["BIGNUM", ["1.5"], undefined],
  ["INTEGER[]", ['"[1, 2]"', '"[1,NULL]"', "[]"], ["[1, 2]", "[1, NULL]", "[]"]],
  ["INTEGER[]", ['"[1.5, 2]"'], undefined],
  ["DECIMAL(10,2)[]", ["[1.25]"], ["[1.25]"]],
  ["DECIMAL(10,2)[]", ["[1.239]"], undefined],
  ["DATE[]", ["[2026-01-31 10:00:00]"], undefined],
  ["STRUCT(a INTEGER)", ["{'a': 1}"], ["{'a': 1}"]],
  ["STRUCT(a INTEGER)", ["{'a': 1.5}"], undefined],
  ["STRUCT(a INTEGER)", ["\"{'a': 1, 'a': 2}\""], undefined],
  ["MAP(VARCHAR, INTEGER)", ["{a=1}"], ["{a=1}"]],
  ["MAP(VARCHAR, INTEGER)", ["{a=1.5}"], undefined],
])("%s of %j is %j", async (type, texts, values) => {
  expect(await read(type, texts)).toEqual(values);
});

test.each([
  ["DATE", "%d.%m.%Y %H:%M", "31.01.2026 00:00", "2026-01-31"],
  ["DATE", "%d.%m.%Y %H:%M", "31.01.2026 10:00", undefined],
  ["TIME", "%H.%M", "10.20", "10:20:00"],
  ["TIME", "%d.%m.%Y %H:%M", "31.01.2026 10:00", undefined],
  ["TIMESTAMP", "%d.%m.%Y %H:%M", "31.01.2026 10:20", "2026-01-31 10:20:00"],
  ["TIMESTAMP", "%d.%m.%Y %H:%M:%S.%n", "31.01.2026 10:20:30.123456789", undefined],
  ["TIMESTAMP", "%d.%m.%Y %H:%M:%S.%f", "31.01.2026 10:20:30.1234567", undefined],
  ["TIMESTAMP_S", "%d.%m.%Y %H:%M:%S.%f", "31.01.2026 10:20:30.9", undefined],
  ["TIMESTAMP WITH TIME ZONE", "%d.%m.%Y %H:%M %z", "31.01.2026 10:20 +02:00", "2026-01-31 08:20:00+00"],
])("%s in the form %s of %s is %s", async (type, format, text, value) => {
  expect(await read({ type, format }, [text])).toEqual(value === undefined ? undefined : [value]);
});
