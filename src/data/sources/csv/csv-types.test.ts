// The engine itself is asked which types of a table's columns hold a value unchanged.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { quoteLiteral } from "../../../compute/engine.ts";
import { csvRows } from "./relation.ts";

const folder = useTemporaryFolder("csv-types");
const session = useEngineSession();

/** Where ranges end: one before, the last, and one behind. */
const ends = [7n, 8n, 15n, 16n, 24n, 31n, 32n, 53n, 63n, 64n, 127n, 128n].flatMap((bits) => [
  2n ** bits - 1n,
  2n ** bits,
  2n ** bits + 1n,
]);
const powers = [1n, 2n, 3n, 5n, 9n, 10n, 12n, 18n, 19n, 22n, 36n, 38n, 39n].flatMap((digits) => [
  10n ** digits - 1n,
  10n ** digits,
]);
const whole = [0n, 7n, 2_000_000_000n, 16_777_218n, 123_456_792n, ...ends, ...powers];
const fractions = [
  "0.5",
  "0.25",
  "0.1",
  "0.99",
  "1.00",
  "2.50",
  "12.345",
  "99.99",
  "100.00",
  "1.000001",
  "3.1415927",
  "3.1415926",
];
const longFractions = [
  "0.123456789",
  "9999999999.99",
  "0.30000000000000004",
  "0.1234567890123456789",
  "123456789012345.50",
];
const positive = [...whole.map(String), ...fractions, ...longFractions, `7.${"0".repeat(50)}`, `0.${"0".repeat(60)}1`];
const values = [...positive, ...positive.filter((text) => /[1-9]/.test(text)).map((text) => `-${text}`)];

const wholeTypes = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"].flatMap((type) => [type, `U${type}`]);
const decimals = [
  "DECIMAL(2,2)",
  "DECIMAL(4,1)",
  "DECIMAL(12,2)",
  "DECIMAL(18,0)",
  "DECIMAL(38,0)",
  "DECIMAL(38,10)",
  "DECIMAL(38,38)",
];

/** The digits of a number that count, and where its point is. */
function digitsOf(number: string): unknown[] {
  const [, sign, whole = "", fraction = "", exponent = "0"] = /^(-?)(\d*)\.?(\d*)(?:e(.*))?$/.exec(number) ?? [];
  const digits = (whole + fraction).replace(/0+$/, "");
  const counting = digits.replace(/^0+/, "");
  return counting === "" ? [] : [sign, counting, whole.length + Number(exponent) - digits.length + counting.length];
}

function isSame(written: string | null | undefined, text: string): boolean {
  return typeof written === "string" && isDeepStrictEqual(digitsOf(written), digitsOf(text));
}

/** What the engine has for the texts: as it writes them, and without a fraction. */
async function held(
  type: string,
  texts: readonly string[],
): Promise<{ written: string | null; whole: string | null }[]> {
  const list = texts.map((text, index) => `(${index}, ${quoteLiteral(text)})`).join(", ");
  const cast = `TRY_CAST(text AS ${type})`;
  const rows = await session().query(
    `SELECT CAST(${cast} AS VARCHAR) AS written, CAST(TRY_CAST(${cast} AS BIGNUM) AS VARCHAR) AS whole
     FROM (VALUES ${list}) AS v(place, text) ORDER BY place`,
  );
  return rows.map(({ written, whole: number }) => ({ written: toText(written), whole: toText(number) }));
}

const toText = (value: unknown): string | null => (typeof value === "string" ? value : null);

async function typesOf(
  texts: readonly string[],
  tableType: string | undefined,
): Promise<{ types: string[]; read: string[] }> {
  const file = join(folder(), "values.csv");
  const names = texts.map((_, index) => `c${index}`);
  await writeFile(file, `${names.join(",")}\n${texts.join(",")}\n`);
  const columns = tableType === undefined ? undefined : names.map((name) => ({ name, type: tableType }));
  const rows = await csvRows(session(), [file], {}, { columns: async () => columns, isVerbatim: true });
  const described = await session().describe(rows.sql ?? "");
  const [row = {}] = await session().query(`SELECT COLUMNS(*)::VARCHAR FROM (${rows.sql})`);
  return { types: described.map(({ type }) => type), read: Object.values(row).map(String) };
}

test.each([...wholeTypes, "BIGNUM", ...decimals, "DOUBLE", "FLOAT"])(
  "a column of %s takes each number that it has as it is, and no other",
  async (type) => {
    const isFloat = type === "DOUBLE" || type === "FLOAT";
    const [found, alone, has] = [
      await typesOf(values, type),
      await typesOf(values, undefined),
      await held(type, values),
    ];
    for (const [index, text] of values.entries()) {
      const { written, whole: number } = has[index] ?? {};
      // a float may write a whole number otherwise, and have it all the same
      const fits = isSame(written, text) || (isFloat && !/\.\d*[1-9]/.test(text) && isSame(number, text));
      expect([text, found.types[index]]).toEqual([text, fits ? type : alone.types[index]]);
      if (!isFloat) expect([text, isSame(found.read[index], text)]).toEqual([text, true]);
    }
  },
);
