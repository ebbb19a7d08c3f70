// How CSV files that were published are read: by what is known of them, with nothing left to the engine to guess.
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import { csvDialect } from "../../files/csv-dialect.ts";
import { fileList } from "../../files/file-list.ts";
import type { KnownFile } from "../column-file.ts";

/** One `select` over files with these columns, which are all in the header of each. */
export function csvRelation(files: readonly KnownFile[], columns: readonly Column[]): string {
  const fields = columns.map(({ name }) => `${quoteIdentifier(name)}: 'VARCHAR'`);
  const values = columns.map(({ name, type }) => {
    const column = quoteIdentifier(name);
    return `CAST(${column} AS ${type}) AS ${column}`;
  });
  return `SELECT ${values.join(", ")} FROM read_csv(${fileList(files.map(({ path }) => path))},
    header = true, nullstr = '', columns = {${fields.join(", ")}}, ${csvDialect(files).join(", ")})`;
}
