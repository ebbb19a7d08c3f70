// Delta Lake tables, the default of datasets: they keep versions, so that a published one can be read while the next is made.
import { join } from "node:path";
import { resolveTargetPath } from "../../files/project-path.ts";
import type { TargetFormat } from "../../target.ts";
import { deltaCare } from "./care.ts";
import { readDeltaChanges } from "./changes.ts";
import { findDeltaDamage } from "./damage.ts";
import { deleteDelta } from "./deletion.ts";
import { deltaLeftovers } from "./leftovers.ts";
import { type DeltaOptions, deltaSpec } from "./options.ts";
import { type DeltaLocation, readDelta } from "./relation.ts";
import { createDeltaTarget } from "./target.ts";

export const delta: TargetFormat<DeltaOptions, DeltaLocation> = {
  name: "delta",
  abilities: {
    merges: true,
    keepsHistory: true,
    partitions: true,
    changesMode: true,
    keepsVersions: true,
    isDefault: true,
  },
  summary: "a Delta Lake table",
  options: deltaSpec,
  open({ path, partitionBy = [] }, place) {
    const folder = path === undefined ? join(place.lake, place.dataset) : resolveTargetPath(place, path);
    return createDeltaTarget(folder, partitionBy);
  },
  read: readDelta,
  readChanges: readDeltaChanges,
  care: deltaCare,
  leftovers: deltaLeftovers,
  findDamage: findDeltaDamage,
  deleteTable: deleteDelta,
};
