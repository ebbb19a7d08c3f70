// Decides whether two locations are the same table, by the rules of their format.
import type { DatasetLocation } from "./dataset.ts";

/** A location, whichever version of its table is meant. */
export type TablePlace = Pick<DatasetLocation, "format" | "path" | "table">;

/** The same text for all locations of one table. */
export function toTableKey(place: TablePlace): string {
  return JSON.stringify([place.format, place.path, place.table === undefined ? "" : foldTableName(place.table)]);
}

/** Tells whether both locations are the same table. */
export function isSameTable(one: TablePlace, other: TablePlace): boolean {
  return toTableKey(one) === toTableKey(other);
}

/** The same text for all names of one table: SQLite and DuckDB do not tell `A` from `a`, but they do tell `Ä` from `ä`. */
export function foldTableName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
