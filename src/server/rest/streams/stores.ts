// Copies of local stores, as each has told of itself last.
import type { StoreCopyView } from "../../../api/streams/store.ts";
import type { Handlers } from "../../handler.ts";
import type { ServerServices } from "../../server-services.ts";
import type { LocalStoreStatus } from "../../stream-desk.ts";
import { toInstant } from "../../views/to-instant.ts";

export function createStoreHandlers({ streams }: ServerServices): Handlers<"listStores"> {
  return { listStores: async () => ({ items: (await streams.stores()).map(toStoreCopy) }) };
}

function toStoreCopy(status: LocalStoreStatus): StoreCopyView {
  const { store, topic, run, state, atMs, asOfMs, behindMs, bytes, snapshotAtMs, positions, error } = status;
  return {
    store,
    topic,
    run_id: run,
    state,
    told_at: toInstant(atMs),
    as_of: asOfMs === null ? null : toInstant(asOfMs),
    behind_ms: behindMs === null ? null : Math.round(behindMs),
    lag: positions.reduce((sum, { offset, end }) => sum + Math.max(0, end - offset), 0),
    bytes,
    snapshot_at: snapshotAtMs === null ? null : toInstant(snapshotAtMs),
    error,
  };
}
