import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDuckDbEngine } from "../../compute/duckdb/duckdb-engine.ts";
import type { MysqlRow } from "../../connections/mysql/mysql-row.ts";
import type { MysqlSession } from "../../connections/mysql/mysql-session.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { scanText } from "../files/text-scan.ts";
import { spoolRelation } from "../files/text-spool.ts";
import { spoolRows } from "./mysql-spool.ts";

/** A session that gives these rows for each statement. */
function sessionOf(rows: readonly MysqlRow[]): MysqlSession {
  return {
    stream: async function* () {
      yield rows;
    },
  } as unknown as MysqlSession;
}

const folder = useTemporaryFolder("mysql-spool");

const texts = [
  "",
  String.raw`\N`,
  String.raw`\\N`,
  'a"b',
  '"',
  ",",
  "a\nb",
  "a\r\nb",
  " ",
  "é😀",
  "plain",
  "x".repeat(3_000_000),
];

test("every text comes back as it was, NULL is none of them, and readers are told what is in the file", async () => {
  const path = join(folder(), "odd.csv");
  const rows: MysqlRow[] = texts.map((text, index) => [Buffer.from(String(index)), Buffer.from(text), null]);
  const spool = await spoolRows(sessionOf(rows), ["first"], path);
  expect(spool).toEqual({ path, rows: texts.length, ...(await scanText(path, '"')) });
  await using engine = createDuckDbEngine({ threads: 1, memoryLimit: "512MB" });
  await using session = await engine.open();
  const column = (name: string): { name: string; type: string; fromText(text: string): string } => ({
    name,
    type: "VARCHAR",
    fromText: (text) => text,
  });
  const sql = spoolRelation([spool], ["id", "text", "nothing"].map(column));
  const read = await session.query(`select text, nothing from (${sql}) order by id::integer`);
  expect(read.map(({ nothing }) => nothing)).toEqual(texts.map(() => null));
  // a difference of megabytes would take minutes to print
  expect(texts.map((text, index) => read[index]?.["text"] === text)).toEqual(texts.map(() => true));
});

test("the rows of several statements are in one file", async () => {
  const path = join(folder(), "two.csv");
  const spool = await spoolRows(sessionOf([[Buffer.from("1"), null]]), ["first", "second"], path);
  expect(await readFile(path, "utf8")).toBe("1,\\N\n1,\\N\n");
  expect(spool).toMatchObject({ rows: 2, hasQuotes: false, isAmbiguous: false });
});
