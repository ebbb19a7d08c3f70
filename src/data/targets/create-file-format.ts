// Makes the format of tables that are plain files, on this machine or behind a connection. None of these formats has versions.
import type { Spec } from "../../core/spec/spec.ts";
import { findDataPlace } from "../files/data-place.ts";
import { resolveTargetPath } from "../files/project-path.ts";
import type { TargetFormat } from "../target.ts";
import type { FileOptions } from "./file-options.ts";
import {
  createLocalTarget,
  deleteLocalTable,
  type FileTable,
  findLocalDamage,
  localLeftovers,
  readLocalTable,
} from "./file-table.ts";
import { withRemoteLeftovers } from "./remote/leftovers.ts";
import { deleteRemoteTable, findRemoteDamage, readRemoteTable } from "./remote/relation.ts";
import { createRemoteTarget } from "./remote/target.ts";

/** The format of tables that such files are. */
export function createFileFormat<Options extends FileOptions>(
  table: FileTable,
  { summary, options }: { readonly summary: string; readonly options: Spec<Options> },
): TargetFormat<Options> {
  return {
    name: table.format,
    abilities: { merges: false, keepsHistory: false, partitions: false, changesMode: false, keepsVersions: false },
    summary,
    options,
    open: (written, place) => {
      const found = findDataPlace(written);
      return "local" in found
        ? createLocalTarget(table, resolveTargetPath(place, found.local), place.mode)
        : createRemoteTarget(table, found.remote, place.mode);
    },
    read: async (location, reading) =>
      (await readRemoteTable(table, location, reading)) ?? (await readLocalTable(table, location)),
    leftovers: withRemoteLeftovers(table, localLeftovers(table)),
    findDamage: async (session, location) =>
      (await findRemoteDamage(table, location)) ?? (await findLocalDamage(table, session, location)),
    deleteTable: async (_engine, location) => {
      if (!(await deleteRemoteTable(table, location))) await deleteLocalTable(table, location);
    },
  };
}
