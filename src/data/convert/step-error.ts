// What goes wrong in a step, in the words of who wrote it. A value that a step cannot take is refused by SQL while rows are
// read; its message says which step and column that was, and never the value.
import { type Column, quoteLiteral } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";

/** An SQL expression that ends the query. @param message without values of rows */
export function refuseSql(where: string, message: string): string {
  return `error(${quoteLiteral(`${mark}${where}: ${message}`)})`;
}

/** The error of a value that a step refused; any other error is given back as it is. */
export function toConvertError(error: unknown): unknown {
  if (!(error instanceof MillraceError) || error.code !== "SQL_FAILED") return error;
  const at = error.message.indexOf(mark);
  if (at < 0) return error;
  return new MillraceError("CONVERT_FAILED", error.message.slice(at + mark.length), {
    hint: "correct the rows or the step; a step that takes `onError` can also set such rows aside, or leave the value empty",
  });
}

const mark = "converting: ";

/** @throws MillraceError `SCHEMA_MISMATCH`, always */
export function refuseColumn(where: string, name: string, columns: readonly Column[]): never {
  const names = columns.map((column) => column.name);
  throw new MillraceError("SCHEMA_MISMATCH", `${where}: there is no column \`${name}\`${suggest(name, names)}`, {
    hint: `columns before this step: ${names.slice(0, shownColumns).join(", ")}${names.length > shownColumns ? ", …" : ""}`,
  });
}

const shownColumns = 50;
