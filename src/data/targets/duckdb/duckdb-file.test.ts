// The engine's catalog says which names are one table; what we ask and what we compare must say the same.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { quoteIdentifier } from "../../../compute/engine.ts";
import { isSameTable } from "../../../core/dataset/dataset-location.ts";
import { withDuckDbFile } from "./duckdb-file.ts";
import { sqliteColumns } from "../sqlite/sqlite-columns.ts";

const folder = useTemporaryFolder("table-names");
const session = useEngineSession();

const letter = fc.constantFrom(
  "a",
  "A",
  "z",
  "Z",
  "ä",
  "Ä",
  "k",
  "\u212A",
  "i",
  "İ",
  "ı",
  "s",
  "ſ",
  "ß",
  "ω",
  "Ω",
  "'",
  '"',
  "[",
  "`",
  "_",
);
const name = fc.string({ unit: letter, minLength: 1, maxLength: 3 });
const pair = fc.oneof(
  fc.tuple(name, name),
  name.map((text) => [text, text.toUpperCase()] as const),
  name.map((text) => [text, text.toLowerCase()] as const),
  name.map((text) => [text, text.replaceAll(/[a-z]/g, (found) => found.toUpperCase())] as const),
);

test("two names are one table for us exactly where they are for the database", async () => {
  const path = join(folder(), `${randomUUID()}.duckdb`);
  using sqlite = new DatabaseSync(":memory:");
  await withDuckDbFile(session(), path, { readOnly: false }, async (file) => {
    await fc.assert(
      fc
        .asyncProperty(pair, async ([one, other]) => {
          await session().execute(`CREATE TABLE ${file.qualify(one)} (x INTEGER)`);
          const inDuckDb = await succeeds(() => session().query(`SELECT x FROM ${file.qualify(other)}`));
          expect((await file.columns(other)) !== undefined).toBe(inDuckDb);
          sqlite.exec(`CREATE TABLE ${quoteIdentifier(one)} (x INTEGER)`);
          const inSqlite = await succeeds(() => sqlite.exec(`SELECT x FROM ${quoteIdentifier(other)}`));
          expect(sqliteColumns(sqlite, path, other) !== undefined).toBe(inSqlite);
          const isSame = (format: "duckdb" | "sqlite"): boolean =>
            isSameTable({ format, path, table: one }, { format, path, table: other });
          expect([isSame("duckdb"), isSame("sqlite")]).toEqual([inDuckDb, inSqlite]);
        })
        .beforeEach(async () => {
          await session().execute("BEGIN TRANSACTION");
          sqlite.exec("BEGIN");
        })
        .afterEach(async () => {
          await session().execute("ROLLBACK");
          sqlite.exec("ROLLBACK");
        }),
      { numRuns: 200, examples: [[["Orders", "oRDERS"]], [["Ä", "ä"]]] },
    );
  });
});

async function succeeds(look: () => unknown): Promise<boolean> {
  try {
    await look();
    return true;
  } catch {
    return false;
  }
}
