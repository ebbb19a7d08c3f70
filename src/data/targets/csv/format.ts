// CSV files. They have no memory and no versions, and their types are in a file beside each of them.
import { resolveTargetPath } from "../../files/project-path.ts";
import type { TargetFormat } from "../../target.ts";
import { findCsvDamage } from "./damage.ts";
import { deleteCsv } from "./deletion.ts";
import { csvLeftovers } from "./leftovers.ts";
import { type CsvTargetOptions, csvTargetSpec } from "./options.ts";
import { readCsv } from "./relation.ts";
import { createCsvTarget } from "./target.ts";

export const csv: TargetFormat<CsvTargetOptions> = {
  name: "csv",
  abilities: { merges: false, partitions: false, changesMode: false, keepsVersions: false },
  summary: "CSV files",
  options: csvTargetSpec,
  open: ({ path }, place) => createCsvTarget(resolveTargetPath(place, path), place.mode),
  read: readCsv,
  leftovers: csvLeftovers,
  findDamage: findCsvDamage,
  deleteTable: deleteCsv,
};
