// Names and texts in the SQL of Redshift, which is not that of Postgres: it makes the letters of a quoted name small, and a backslash in a
// text stands for what comes after it.
import { quoteIdentifier } from "../../../compute/engine.ts";
import { foldTableName } from "../../../core/dataset/dataset-location.ts";

/** What is longer is cut by the server without a word. @see https://docs.aws.amazon.com/redshift/latest/dg/r_names.html */
export const maxNameBytes = 127;

/** A name as the server keeps it, whatever the session says about small and capital letters. */
export function quoteName(name: string): string {
  return quoteIdentifier(foldTableName(name));
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
