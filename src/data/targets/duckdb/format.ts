// Tables of DuckDB database files. A file has one writer at a time, and remembers which runs have published to it.
import { resolveTargetPath } from "../../files/project-path.ts";
import type { TargetFormat } from "../../target.ts";
import type { TableLocation } from "../table-options.ts";
import { findDuckDbDamage } from "./damage.ts";
import { deleteDuckDbTable } from "./deletion.ts";
import { duckDbLeftovers } from "./leftovers.ts";
import { assertDuckDbOptions, type DuckDbOptions, duckDbSpec } from "./options.ts";
import { readDuckDbTable } from "./relation.ts";
import { createDuckDbTarget } from "./target.ts";

export const duckdb: TargetFormat<DuckDbOptions, TableLocation> = {
  name: "duckdb",
  abilities: { merges: true, keepsHistory: true, partitions: false, changesMode: true, keepsVersions: false },
  summary: "a table in a DuckDB file",
  options: duckDbSpec,
  assertOptions: assertDuckDbOptions,
  open: ({ path, table }, place) => createDuckDbTarget(resolveTargetPath(place, path), table ?? place.dataset),
  read: readDuckDbTable,
  leftovers: duckDbLeftovers,
  findDamage: findDuckDbDamage,
  deleteTable: deleteDuckDbTable,
};
