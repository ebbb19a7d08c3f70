// Columns of a table of an SQLite file, in the engine's types.
import type { DatabaseSync } from "node:sqlite";
import type { Column } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { toEngineType } from "./sqlite-types.ts";

/** Columns of a table, `undefined` when there is none. @throws MillraceError `TARGET_UNREADABLE` for a view */
export function sqliteColumns(database: DatabaseSync, path: string, table: string): Column[] | undefined {
  const found = database.prepare("SELECT type FROM sqlite_master WHERE lower(name) = lower(?)").get(table);
  if (found === undefined) return undefined;
  if (found["type"] !== "table") {
    throw new MillraceError(
      "TARGET_UNREADABLE",
      `\`${table}\` of \`${path}\` is no table, got: a ${String(found["type"])}`,
    );
  }
  const rows = database.prepare(`SELECT name, type FROM pragma_table_info(?)`).all(table);
  return rows.map((row) => ({ name: String(row["name"]), type: toEngineType(String(row["type"])) }));
}
