// NDJSON files. They have no memory and no versions, and their types are in a file beside each of them.
import { resolveTargetPath } from "../../files/project-path.ts";
import type { TargetFormat } from "../../target.ts";
import { findNdjsonDamage } from "./damage.ts";
import { deleteNdjson } from "./deletion.ts";
import { ndjsonLeftovers } from "./leftovers.ts";
import { type NdjsonTargetOptions, ndjsonTargetSpec } from "./options.ts";
import { readNdjson } from "./relation.ts";
import { createNdjsonTarget } from "./target.ts";

export const ndjson: TargetFormat<NdjsonTargetOptions> = {
  name: "ndjson",
  abilities: { merges: false, partitions: false, changesMode: false, keepsVersions: false },
  summary: "NDJSON files",
  options: ndjsonTargetSpec,
  open: ({ path }, place) => createNdjsonTarget(resolveTargetPath(place, path), place.mode),
  read: readNdjson,
  leftovers: ndjsonLeftovers,
  findDamage: findNdjsonDamage,
  deleteTable: deleteNdjson,
};
