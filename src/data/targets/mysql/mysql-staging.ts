// Rows in a table of texts that only this session sees. `LOAD DATA LOCAL` makes whatever comes fit its columns, with a warning at most, so
// that it loads into texts alone; statements that take values from there refuse what does not fit.
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { type Column, quoteLiteral } from "../../../compute/engine.ts";
import type { MysqlEffect, MysqlSession } from "../../../connections/mysql/mysql-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { makeFolder } from "../../files/file-system.ts";
import { quoteName } from "../../mysql/mysql-text.ts";
import type { TargetInput } from "../../target.ts";
import { listPresentColumns } from "../present-columns.ts";
import { fromMysqlText, tableOptions, toMysqlText } from "./mysql-types.ts";

/** Rows as texts in a file. */
export interface TextFile {
  readonly path: string;
  readonly rows: number;
  /** In the order of the fields. */
  readonly columns: readonly Column[];
}

/** The staged rows as texts, without the columns that they lack, so that the table's defaults hold for those. */
export async function writeTexts(input: TargetInput): Promise<TextFile> {
  const { session, rows, staged, stagingFolder, signal } = input;
  const path = join(stagingFolder, "mysql.csv");
  await makeFolder(stagingFolder);
  const columns = listPresentColumns(input);
  const texts = columns.map((column, index) => `${toMysqlText(column)} AS c${index}`);
  const copy = `COPY (SELECT ${texts.join(", ")} FROM (${rows.sql})) TO ${quoteLiteral(path)}
    (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR 'NULL', FORCE_QUOTE *)`;
  await session.execute(copy, { signal });
  return { path, columns, rows: staged.files.reduce((sum, file) => sum + file.rows, 0) };
}

const staging = quoteName("_millrace_texts");

/** Copies the file into the table of texts. @throws MillraceError `TARGET_VALUE_UNSUPPORTED` when not every row came as it was */
export async function loadTexts(session: MysqlSession, { path, columns, rows }: TextFile): Promise<void> {
  const definitions = columns.map((_column, index) => `c${index} longtext NULL`);
  // InnoDB would have no room for rows of many texts
  await session.execute(
    `CREATE TEMPORARY TABLE ${staging} (${definitions.join(", ")}) ENGINE = MyISAM ${tableOptions(session.isMariaDb)}`,
  );
  const load = `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${staging} CHARACTER SET utf8mb4
    FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY '' LINES TERMINATED BY '\\n'`;
  const effect = await session.load(load, createReadStream(path, { highWaterMark: 262_144 }));
  if (effect.rows !== rows) {
    throw new MillraceError("INTERNAL", `the server has taken ${effect.rows} rows of ${rows}`);
  }
  assertExact(effect);
}

/** Puts the values of the texts into a table. @throws MillraceError `REQUEST_REJECTED` for a value that does not fit */
export async function insertTexts(session: MysqlSession, table: string, columns: readonly Column[]): Promise<void> {
  const values = columns.map(({ type }, index) => fromMysqlText(`c${index}`, type));
  const names = columns.map(({ name }) => quoteName(name)).join(", ");
  assertExact(
    await session.execute(`INSERT INTO ${quoteName(table)} (${names}) SELECT ${values.join(", ")} FROM ${staging}`),
  );
}

/** The server warns of values that it has cut, rounded or replaced. */
function assertExact({ warnings }: MysqlEffect): void {
  if (warnings === 0) return;
  const message = `the server would change values to make them fit the table, warnings: \`${warnings}\``;
  throw new MillraceError("TARGET_VALUE_UNSUPPORTED", message, {
    hint: "cast or round them in the query as the columns of the table have them",
  });
}
