import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { csvRows } from "./csv-rows.ts";

const folder = useTemporaryFolder("csv-declared");
const session = useEngineSession();

/** Values as text, or `undefined` where they are refused. */
async function read(type: string, values: readonly string[]): Promise<string[] | undefined> {
  const path = join(folder(), "a.csv");
  await writeFile(path, `v,w\n${values.map((value) => `${value},x\n`).join("")}`);
  const hint = { columns: () => Promise.resolve(undefined), isVerbatim: true };
  const source = await csvRows(session(), [path], { types: { v: type } }, hint);
  try {
    const rows = await session().query(`SELECT v::VARCHAR AS v FROM (${source.sql})`);
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
