// Tables of Postgres databases. A schema remembers which runs have published to it. It has no leftovers: the server takes a
// transaction back when its connection ends.
import { toDatabaseName } from "../../../connections/database/database-choice.ts";
import type { TargetFormat } from "../../target.ts";
import type { TableLocation } from "../table-options.ts";
import { findPostgresDamage } from "./damage.ts";
import { deletePostgresTable } from "./deletion.ts";
import { assertPostgresOptions, type PostgresOptions, postgresSpec } from "./options.ts";
import { readPostgresTable } from "./relation.ts";
import { createPostgresTarget } from "./target.ts";

export const postgres: TargetFormat<PostgresOptions, TableLocation> = {
  name: "postgres",
  abilities: { merges: true, keepsHistory: true, partitions: false, changesMode: true, keepsVersions: false },
  summary: "a table in a Postgres database",
  options: postgresSpec,
  assertOptions: assertPostgresOptions,
  open: ({ schema = "public", table, ...choice }, { dataset }) =>
    createPostgresTarget(toDatabaseName(choice), { schema, table: table ?? dataset }),
  read: readPostgresTable,
  findDamage: findPostgresDamage,
  deleteTable: deletePostgresTable,
};
