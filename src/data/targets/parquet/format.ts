// Parquet files, for readers that know nothing of tables. They have no memory and no versions.
import { resolveTargetPath } from "../../files/project-path.ts";
import type { TargetFormat } from "../../target.ts";
import { createFileTarget, deleteFiles, findDamageOfFiles, readFileTable } from "../file-table.ts";
import { parquetLeftovers } from "./leftovers.ts";
import { type ParquetOptions, parquetSpec } from "./options.ts";
import { parquetTable } from "./target.ts";

export const parquet: TargetFormat<ParquetOptions> = {
  name: "parquet",
  abilities: { merges: false, partitions: false, changesMode: false, keepsVersions: false },
  summary: "Parquet files",
  options: parquetSpec,
  open: ({ path }, place) => createFileTarget(parquetTable, resolveTargetPath(place, path), place.mode),
  read: (location) => readFileTable(parquetTable, location),
  leftovers: parquetLeftovers,
  findDamage: (session, location) => findDamageOfFiles(parquetTable, session, location),
  deleteTable: (_engine, location) => deleteFiles(parquetTable, location),
};
