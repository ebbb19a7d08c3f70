// The embedded store: one SQLite file, any number of processes of one machine.
// The store's behaviour is written once for both databases, in the rooms beside this one; this file opens the database
// and runs that code on it.
import { resolve } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { ChangeEmitter } from "../rows/change-emitter.ts";
import type { Now } from "../rows/script.ts";
import { createAccessStore } from "../access/create-access-store.ts";
import { createRecordStore } from "../record/create-record-store.ts";
import { createWorkStore } from "../claim/create-work-store.ts";
import type { ScriptRunner } from "../rows/script-runner.ts";
import { createBrowseStore } from "../browse/create-browse-store.ts";
import { createScheduleStore } from "../schedules/create-schedule-store.ts";
import { createConnectionStore } from "../connections/create-connection-store.ts";
import { createNotificationStore } from "../notifications/create-notification-store.ts";
import { createStateStore } from "../state/create-state-store.ts";
import { createControlStore } from "../control/create-control-store.ts";
import { createSearchStore } from "../search/create-search-store.ts";
import { createExpectationStore } from "../expectations/create-expectation-store.ts";
import { createUpkeepStore } from "../upkeep/create-upkeep-store.ts";
import { createBatchStore } from "../streams/batches/create-batch-store.ts";
import { createReplayStore } from "../streams/replays/create-replay-store.ts";
import { createStreamStore } from "../streams/create-stream-store.ts";
import type { Store } from "../store.ts";
import { type Connection, openConnection } from "./connection.ts";
import { endWorkersOfOtherBoots } from "./end-workers.ts";
import { createSqliteFeed } from "./feed.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { migrate } from "./migrate.ts";
import { runScript } from "./run-script.ts";
import { uptimeMs } from "./uptime.ts";

export interface SqliteStoreOptions {
  /** The store file; it and its folder are made when they are missing. */
  readonly path: string;
  /** For tests and simulations, which move time by hand: dates and the lives of workers both go by it. */
  readonly clock?: Pick<Clock, "now">;
  /** How long an operation waits for another process before it fails with STORE_UNAVAILABLE. Default 10,000. */
  readonly busyTimeoutMs?: number;
  /** Identifies this life of the machine; workers of another one are dead. Default: not looked at. */
  readonly bootId?: string;
  /** False for a store that is thrown away: a loss of power may then damage it. Default true. */
  readonly isDurable?: boolean;
}

/**
 * Opens the store and brings its tables up to date. Calls run on the calling thread, so a call takes as long as its
 * transaction: about a third of a millisecond for one run on a local disk.
 * @throws MillraceError `STORE_UNAVAILABLE` | `STORE_VERSION` | `STORE_CORRUPT` | `DISK_FULL`
 */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { clock, bootId, busyTimeoutMs = 10_000, isDurable = true } = options;
  const db = openConnection({ path: resolve(options.path), busyTimeoutMs, isDurable });
  const readNow = (): Now => {
    const nowMs = clock?.now() ?? Date.now();
    return { nowMs, aliveMs: clock === undefined ? uptimeMs() : nowMs };
  };
  try {
    migrate(db, readNow().nowMs);
    if (bootId !== undefined) endWorkersOfOtherBoots(db, bootId, readNow().nowMs);
  } catch (error) {
    db.close();
    throw error;
  }
  const changes = new ChangeEmitter();
  const runner = createRunner(db, readNow, changes);
  return {
    dialect: "sqlite",
    ...createWorkStore(runner),
    ...createRecordStore(runner),
    ...createControlStore(runner),
    ...createScheduleStore(runner),
    ...createUpkeepStore(runner),
    ...createExpectationStore(runner),
    ...createBrowseStore(runner),
    ...createSearchStore(runner),
    ...createAccessStore(runner),
    ...createStateStore(runner),
    ...createConnectionStore(runner),
    ...createNotificationStore(runner),
    ...createStreamStore(runner),
    ...createBatchStore(runner),
    ...createReplayStore(runner),
    ...createSqliteFeed(runner),
    tidy: async () => db.optimize(),
    startHeartbeat: (heartbeat) => startHeartbeat(db.path, clock === undefined ? "uptime" : "wall", heartbeat),
    subscribe: (listener) => changes.subscribe(listener),
    [Symbol.asyncDispose]: async () => db.close(),
  };
}

function createRunner(db: Connection, readNow: () => Now, changes: ChangeEmitter): ScriptRunner {
  return {
    // The time is read under the lock, so that times within one process never run backwards against the order of writes.
    write: async (script) => db.transact(() => runScript(db, script(readNow()))),
    read: async (script) => db.read(() => runScript(db, script(readNow()))),
    once: async (script) => db.read(() => runScript(db, script())),
    announce: (change) => changes.emit(change),
  };
}
