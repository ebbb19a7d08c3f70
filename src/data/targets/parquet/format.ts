// Parquet files, for readers that know nothing of tables. They have no memory and no versions.
import { resolveTargetPath } from "../../files/project-path.ts";
import type { TargetFormat } from "../../target.ts";
import { findParquetDamage } from "./damage.ts";
import { deleteParquet } from "./deletion.ts";
import { parquetLeftovers } from "./leftovers.ts";
import { type ParquetOptions, parquetSpec } from "./options.ts";
import { readParquet } from "./relation.ts";
import { createParquetTarget } from "./target.ts";

export const parquet: TargetFormat<ParquetOptions> = {
  name: "parquet",
  abilities: { merges: false, partitions: false, changesMode: false, keepsVersions: false },
  summary: "Parquet files",
  options: parquetSpec,
  open: ({ path }, place) => createParquetTarget(resolveTargetPath(place, path), place.mode),
  read: readParquet,
  leftovers: parquetLeftovers,
  findDamage: findParquetDamage,
  deleteTable: deleteParquet,
};
