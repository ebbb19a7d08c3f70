// Tables of MySQL and MariaDB databases. A database remembers which runs have published to it. It has no leftovers that the next one to
// publish does not take away: the server takes a transaction back when its connection ends.
import { toDatabaseName } from "../../../connections/database/database-choice.ts";
import type { TargetFormat } from "../../target.ts";
import type { TableLocation } from "../table-options.ts";
import { findMysqlDamage } from "./damage.ts";
import { deleteMysqlTable } from "./deletion.ts";
import { assertMysqlOptions, type MysqlOptions, mysqlSpec } from "./options.ts";
import { readMysqlTable } from "./relation.ts";
import { createMysqlTarget } from "./target.ts";

export const mysql: TargetFormat<MysqlOptions, TableLocation> = {
  name: "mysql",
  abilities: { merges: true, keepsHistory: true, partitions: false, changesMode: true, keepsVersions: false },
  summary: "a table in a MySQL or MariaDB database",
  options: mysqlSpec,
  assertOptions: assertMysqlOptions,
  open: ({ table, ...choice }, { dataset }) => createMysqlTarget(toDatabaseName(choice), table ?? dataset),
  read: readMysqlTable,
  findDamage: findMysqlDamage,
  deleteTable: deleteMysqlTable,
};
