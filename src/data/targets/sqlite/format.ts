// Tables of SQLite database files. A file remembers which runs have published to it. It has no leftovers: whoever opens it next
// rolls an interrupted transaction back.
import { resolveTargetPath } from "../../files/project-path.ts";
import type { TargetFormat } from "../../target.ts";
import type { TableLocation } from "../table-options.ts";
import { findSqliteDamage } from "./damage.ts";
import { deleteSqliteTable } from "./deletion.ts";
import { assertSqliteOptions, type SqliteOptions, sqliteSpec } from "./options.ts";
import { readSqliteTable } from "./relation.ts";
import { createSqliteTarget } from "./target.ts";

export const sqlite: TargetFormat<SqliteOptions, TableLocation> = {
  name: "sqlite",
  abilities: { merges: true, keepsHistory: true, partitions: false, changesMode: true, keepsVersions: false },
  summary: "a table in an SQLite file",
  options: sqliteSpec,
  assertOptions: assertSqliteOptions,
  open: ({ path, table }, place) => createSqliteTarget(resolveTargetPath(place, path), table ?? place.dataset),
  read: readSqliteTable,
  findDamage: findSqliteDamage,
  deleteTable: deleteSqliteTable,
};
