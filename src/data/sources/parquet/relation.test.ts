import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { parquetRows } from "./relation.ts";

const session = useEngineSession();
const folder = useTemporaryFolder("parquet");
beforeAll(async () => {
  for (const type of Object.keys(values)) await write(`${type}.parquet`, `select ${values[type]} as v`);
});

/** SQL of a value by its type; each is in a file of its own. */
const values: Readonly<Record<string, string>> = {
  BIGINT: "9007199254740993::bigint",
  INTEGER: "7::integer",
  UBIGINT: "18446744073709551615::ubigint",
  DOUBLE: "0.5::double",
  FLOAT: "1.5::float",
  "DECIMAL(38,0)": "12345678901234567890123456789012345678::decimal(38,0)",
  "DECIMAL(4,3)": "0.125::decimal(4,3)",
  VARCHAR: "'A-1'",
  BOOLEAN: "true",
  DATE: "date '2020-01-01'",
  TIMESTAMP: "timestamp '2020-01-01 10:00:00.5'",
  TIMESTAMP_NS: "timestamp_ns '2020-01-01 10:00:00.123456789'",
  "TIMESTAMP WITH TIME ZONE": "timestamptz '2020-01-01 10:00:00+00'",
};
const pairs = Object.keys(values).flatMap((a) => Object.keys(values).map((b) => [a, b] as const));

async function write(name: string, sql: string): Promise<string> {
  const path = join(folder(), name);
  await session().writeParquet(sql, { path });
  return path;
}

test("files of any two types are read with the values that they hold, in the order of the files", async () => {
  for (const types of pairs) {
    const { sql = "", warnings } = await parquetRows(
      session(),
      types.map((type) => join(folder(), `${type}.parquet`)),
    );
    const rows = await session().query(`select v::varchar as text, typeof(v) as type from (${sql})`);
    const [row] = rows;
    const same = types.map((type, index) => `'${String(rows[index]?.["text"])}'::${type} = ${values[type]}`);
    const [found] = await session().query(`select ${same.join(" and ")} as same`);
    expect({ types, same: found?.["same"] }).toEqual({ types, same: true });
    if (row?.["type"] === "VARCHAR" && types[0] !== types[1]) {
      expect(warnings.join()).toContain("column `v` is read as `VARCHAR`, because files differ");
    }
  }
});

test.each([
  ["3::bigint", "0.5::double", "DOUBLE"],
  ["timestamp_ns '2020-01-01 10:00:00.123456'", "timestamp '2020-01-01'", "TIMESTAMP"],
  ["{a: 1, b: [1]}", "{b: [2::bigint], c: 'x'}", 'STRUCT("a" INTEGER, "b" BIGINT[], "c" VARCHAR)'],
  ["{a: 1}", "7", "VARCHAR"],
  ["[1]", "['a']", "VARCHAR"],
])("%s and %s are read as %s", async (a, b, type) => {
  const files = [await write("a.parquet", `select ${a} as v`), await write("b.parquet", `select ${b} as v`)];
  const { sql = "" } = await parquetRows(session(), files);
  expect((await session().describe(sql)).map((column) => column.type.replaceAll('"', ""))).toEqual([
    type.replaceAll('"', ""),
  ]);
  expect(await session().query(sql)).toHaveLength(2);
});

test("columns are united by name, and one that a file lacks is named", async () => {
  const files = [
    await write("a.parquet", "select 1 as id, 'x' as name"),
    await write("b.parquet", "select 'y' as NAME, 2.5::double as id, true as seen"),
    await write("c.parquet", "select 3 as id, 'z' as name"),
  ];
  const { sql = "", warnings } = await parquetRows(session(), files);
  expect(await session().query(sql)).toEqual([
    { id: 1, name: "x", seen: null },
    { id: 2.5, name: "y", seen: true },
    { id: 3, name: "z", seen: null },
  ]);
  expect(warnings).toEqual([`column \`seen\` is missing in \`${files[0]}\`, \`${files[2]}\``]);
});

/** One row with 1.50 as decimal(39,2), of which the engine makes 108172845671374848. Written by pyarrow 26. */
const wideDecimal =
  "UEFSMRUAFRwVHCwVAhUAFQYVBhwAAAACAAAAAgEBAAAAAAAAABUAFS4VLiwVAhUAFQYVBhwAAAACAAAAAgEAAAAAAAAAAAAAAAAAAAAAlhUEGTw1ABgGc2NoZW1hFQQAFQQlAhgCaWQAFQ4VIhUCGAVwcmljZSUKFQQVTixcFQQVTgAAABYCGRwZLCYAHBUEGSUGABkYAmlkFQAWAhZCFkImCEkcFQAVABUCADwpBhkmAAIAAAAmABwVDhklBgAZGAVwcmljZRUAFgIWVBZUJkpJHBUAFQAVAgA8KQYZJgACAAAAFpYBFgImCBaWAQAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGSwcAAAcAAAAywAAAFBBUjE=";

test("a column of decimals that the engine would round, and a file that is encrypted, are refused by name", async () => {
  const wide = join(folder(), "wide.parquet");
  await writeFile(wide, Buffer.from(wideDecimal, "base64"));
  const encrypted = join(folder(), "encrypted.parquet");
  await writeFile(encrypted, Buffer.from("PAR1 and more PARE"));
  for (const [file, problem] of [
    [wide, "column `price` has decimals of 39 digits, and 38 is the most that are exact"],
    [encrypted, "the file is encrypted"],
  ] as const) {
    const error = await expectFailure(parquetRows(session(), [file]));
    expect([error.code, error.message]).toEqual(["SOURCE_UNREADABLE", `reading \`${file}\`: ${problem}`]);
  }
});
