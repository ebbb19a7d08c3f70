// The tables of streams are written once, as Postgres reads them.
import type { MigrationPart } from "../migration.ts";

/** `id identity` is a number given by the database; `postgres` is run after the tables there alone. */
export function portableTables(shared: string, postgres = ""): MigrationPart {
  return {
    sqlite: shared
      .replaceAll("id identity", "id integer primary key autoincrement")
      .replaceAll(/\bbytea\b/g, "blob")
      .replaceAll(/\b(?:bigint|int)\b/g, "integer")
      .replaceAll(/^\);/gm, ") strict;"),
    postgres: shared.replaceAll("id identity", "id bigint generated always as identity primary key") + postgres,
  };
}
