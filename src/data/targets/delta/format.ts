// Delta Lake tables, the default of datasets: they keep versions, so that a published one can be read while the next is made.
import { joinAddress } from "../../../core/dataset/data-address.ts";
import { resolveDataPath } from "../../files/data-place.ts";
import type { TargetFormat } from "../../target.ts";
import { deltaCare } from "./care.ts";
import { readDeltaChanges } from "./changes.ts";
import { findDeltaDamage } from "./damage.ts";
import { deleteDelta } from "./deletion.ts";
import { deltaLeftovers } from "./leftovers.ts";
import { locateTable } from "./catalog-table.ts";
import { type DeltaOptions, deltaSpec } from "./options.ts";
import { type DeltaLocation, findDeltaFiles, readDelta } from "./relation.ts";
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
  locate: locateTable,
  open({ path, connection, table, partitionBy = [] }, place) {
    const written = path === undefined ? { path: joinAddress(place.lake, place.dataset) } : { path, connection };
    return createDeltaTarget({ path: resolveDataPath(place, written), partitionBy, table });
  },
  read: readDelta,
  storedFiles: findDeltaFiles,
  readChanges: readDeltaChanges,
  care: deltaCare,
  leftovers: deltaLeftovers,
  findDamage: findDeltaDamage,
  deleteTable: deleteDelta,
};
