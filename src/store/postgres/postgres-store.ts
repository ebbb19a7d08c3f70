// The store for more than one machine: a Postgres database, any number of processes.
// The hottest operations have their own statements here; all others are in the rooms beside this one and run in
// transactions of this database.
import type { Clock } from "../../core/clock.ts";
import type { Now } from "../rows/script.ts";
import { createAccessStore } from "../access/create-access-store.ts";
import { createRecordStore } from "../record/create-record-store.ts";
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
import { Database, type Transaction } from "./database.ts";
import { createPostgresFeed } from "./feed.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { migrate } from "./migrate.ts";
import { Notifier } from "./notifier.ts";
import { runScript } from "./run-script.ts";
import { assertSchemaName, defaultSchema } from "./session.ts";
import { tidy } from "./tidy.ts";
import { createPostgresWork } from "./work.ts";

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database`, with the options that the `pg` driver knows. */
  readonly url: string;
  /** Schema of the database that holds this store and nothing else; it is made when it is missing. Default `millrace`. */
  readonly schema?: string;
  /** For tests, which move time by hand. Default: the database's clock; heartbeats always use that one. */
  readonly clock?: Pick<Clock, "now">;
  /** False refuses a database whose tables are not up to date. Default true: brings them up to date. */
  readonly migrate?: boolean;
  /** Most connections for calls; the notifier and each heartbeat have one more. Default 10. */
  readonly poolSize?: number;
  /** How long a call may take before it fails with STORE_UNAVAILABLE. Default 60,000. */
  readonly callTimeoutMs?: number;
}

/**
 * Connects and brings the tables up to date; several processes may do so at once.
 * @throws MillraceError `CONFIG_INVALID` | `STORE_UNAVAILABLE` | `STORE_VERSION` | `STORE_CORRUPT` | `DISK_FULL`
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { url, schema = defaultSchema, clock, poolSize = 10, callTimeoutMs = 60_000 } = options;
  assertSchemaName(schema);
  const address = { url, schema };
  const db = new Database({ address, poolSize, callTimeoutMs });
  try {
    await migrate(db, { apply: options.migrate ?? true });
  } catch (error) {
    await db[Symbol.asyncDispose]();
    throw error;
  }
  const notifier = new Notifier({ db });
  const readNow = (): number | null => clock?.now() ?? null;
  const runner = createRunner(db, clock, notifier);
  const look = { ...runner, read: createLook(db, clock) };
  const work = createPostgresWork({ db, runner, readNow, toNow: (transaction) => toNow(transaction, clock) });
  notifier.observe(work.onChange);
  return {
    dialect: "postgres",
    ...work.methods,
    ...createRecordStore(runner),
    ...createControlStore(runner),
    ...createScheduleStore(runner),
    ...createUpkeepStore(runner),
    ...createExpectationStore(runner),
    ...createBrowseStore(look),
    ...createSearchStore(look),
    ...createAccessStore(runner),
    ...createStateStore(runner),
    ...createConnectionStore(runner),
    ...createNotificationStore(runner),
    ...createStreamStore(look),
    ...createBatchStore(look),
    ...createReplayStore(look),
    ...createPostgresFeed(db, runner),
    tidy: () => tidy(db),
    startHeartbeat: (heartbeat) => startHeartbeat(address, heartbeat),
    subscribe: (listener) => notifier.subscribe(listener),
    [Symbol.asyncDispose]: async () => {
      await notifier[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}

function createRunner(db: Database, clock: Pick<Clock, "now"> | undefined, notifier: Notifier): ScriptRunner {
  return {
    write: (script) => db.transact((transaction) => runScript(transaction, script(toNow(transaction, clock)))),
    read: (script) => db.read((transaction) => runScript(transaction, script(toNow(transaction, clock)))),
    once: (script) => runScript(db, script()),
    announce: (announce) => notifier.announce(announce),
  };
}

function createLook(db: Database, clock: Pick<Clock, "now"> | undefined): ScriptRunner["read"] {
  return (script) => db.look((transaction) => runScript(transaction, script(toNow(transaction, clock))));
}

// Workers live by the same clock as all else: that of the one database.
function toNow({ nowMs }: Transaction, clock: Pick<Clock, "now"> | undefined): Now {
  const at = clock?.now() ?? nowMs;
  return { nowMs: at, aliveMs: at };
}
