// Where a value stands that cannot be read: the engine tells it of some, and counts rows instead of lines.
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import type { MillraceError } from "../../../core/errors/errors.ts";
import type { DeclaredReading } from "./csv-checked.ts";
import { unreadableCsv } from "./csv-error.ts";
import { type CsvFile, findLine } from "./csv-file.ts";
import { asText, type CsvReader, selectCsv } from "./csv-reader.ts";

/** The first value of a declared column that cannot be read, by file and line; `undefined` when all can. */
export async function findUnreadable(
  session: EngineSession,
  reader: CsvReader,
  files: readonly CsvFile[],
  declared: ReadonlyMap<string, DeclaredReading>,
): Promise<MillraceError | undefined> {
  const columns = reader.layout.names.filter((name) => declared.has(name.toLowerCase()));
  if (columns.length === 0) return undefined;
  const cases = columns.map((name) => {
    const column = quoteIdentifier(name);
    return `WHEN ${column} IS NOT NULL AND NOT (${declared.get(name.toLowerCase())?.isReadable(column) ?? "true"}) THEN ${quoteLiteral(name)}`;
  });
  for (const file of files) {
    const rows = selectCsv(reader, [file], () => asText);
    const [found] = await session.query(
      `SELECT place, name FROM (SELECT row_number() OVER () AS place, CASE ${cases.join(" ")} END AS name FROM (${rows}))
       WHERE name IS NOT NULL ORDER BY place LIMIT 1`,
    );
    if (found === undefined) continue;
    const name = String(found["name"]);
    const type = declared.get(name.toLowerCase())?.type;
    const line = await findLine(file, Number(found["place"]));
    return unreadableCsv(
      file.file,
      line,
      `column \`${name}\` holds a value that is not ${type}`,
      "declare a type that keeps all of the value; as VARCHAR, it can be cast in `sql`",
    );
  }
  return undefined;
}
