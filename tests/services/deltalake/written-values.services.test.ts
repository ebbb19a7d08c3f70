// Values at the edges of what a table can hold, written by Millrace and read by `deltalake` and `polars`.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { quoteIdentifier, quoteText } from "../../../src/compute/engine.ts";
import { publish } from "../../support/data/delta-publish.ts";
import { useEngineSession } from "../../support/data/engine-session.ts";
import { namelessTexts, oddTexts, wideTexts } from "../../support/data/partition-values.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { DeltaRs, toPlainRows, ensureDeltaPython } from "./delta-rs.ts";

const session = useEngineSession();
const folder = useTemporaryFolder("written-values");
let deltaRs: DeltaRs;
let table: string;

beforeAll(async () => {
  deltaRs = new DeltaRs(await ensureDeltaPython());
});
beforeEach(() => {
  table = join(folder(), randomUUID(), "table");
});
/** The same values in each run. */
const anyTexts = fc.sample(fc.string({ unit: "binary", minLength: 1, maxLength: 60 }), { seed: 7, numRuns: 100 });

async function publishPartitions(name: string, values: readonly string[]): Promise<unknown[]> {
  const list = values.map((value, index) => `(${index}, ${quoteText(value)})`).join(", ");
  const sql = `select id, v as ${quoteIdentifier(name)} from (values ${list}, (999, null)) t(id, v)`;
  await publish(session(), table, sql, { partitionBy: [name] });
  return [...values.map((value, id) => ({ id, [name]: value })), { id: 999, [name]: null }];
}

test.each(["Order Date", "a/b", "a=b"])("deltalake reads every value of partition column %j", async (name) => {
  const rows = await publishPartitions(name, [...oddTexts, ...anyTexts, ...wideTexts, ...namelessTexts]);
  expect(toPlainRows((await deltaRs.read(table)).rows)).toEqual(rows);
});

test.each(["Order Date", 'a"b', "100%"])(
  "polars, which reads the names of folders, finds every value of partition column %j there",
  async (name) => {
    const rows = await publishPartitions(name, [...oddTexts, ...wideTexts]);
    expect(toPlainRows(await deltaRs.readByFolderNames(table))).toEqual(rows);
  },
);

test.each(namelessTexts.slice(0, 2))(
  "a value that no folder can be named after is an error to polars, not another value",
  async (value) => {
    await publishPartitions("p", [value, "other"]);
    await expect(deltaRs.readByFolderNames(table)).rejects.toThrow("polars.exceptions");
  },
);

/** Any microsecond of the years that have four digits, the ends of milliseconds and of the calendar more often. */
const anyInstant = fc
  .tuple(
    fc.oneof(
      fc.constantFrom("0001-01-01 00:00:00", "1969-12-31 23:59:59", "9999-12-31 23:59:59"),
      fc
        .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true })
        .map((at) => at.toISOString().slice(0, 19).replace("T", " ")),
    ),
    fc.oneof(fc.constantFrom(0, 1, 999, 1_000, 999_000, 999_001, 999_999), fc.integer({ min: 0, max: 999_999 })),
  )
  .map(([second, micros]) => `${second}.${String(micros).padStart(6, "0")}`);

const anyRow = fc.record({
  since: anyInstant.map((text) => `timestamptz '${text}+00'`),
  day: anyInstant.map((text) => `date '${text.slice(0, 10)}'`),
  whole: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => `'${value}'::bigint`),
  wide: fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }).map((value) => `'${value}'::decimal(38,0)`),
  ratio: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => `'${value}'::double`),
  single: fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => `'${value}'::float`),
  name: fc.string({ unit: "binary", maxLength: 70 }).map(quoteText),
});

test("no reader that trusts the bounds of a file misses a row, up to the last microsecond of the year 9999", async () => {
  const rows = fc.sample(anyRow, { seed: 11, numRuns: 25 });
  const last = { ...rows[0], since: "timestamptz '9999-12-31 23:59:59.999999+00'" };
  for (const [id, row] of [last, ...rows].entries()) {
    const columns = Object.entries(row).map(([name, value]) => `${value} as ${name}`);
    await publish(session(), table, `select ${id} as id, ${columns.join(", ")}`);
  }
  expect(await deltaRs.lost(table)).toEqual([]);
});

test("a checkpoint keeps what another application has recorded, however long ago", async () => {
  await deltaRs.write(table, "stream");
  for (let id = 1; id <= 10; id += 1) await publish(session(), table, `select ${id} as id`);
  expect(await deltaRs.transaction(table, "spark-stream")).toBe(7);
});
