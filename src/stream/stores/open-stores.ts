// The stores that a run of a stream job declares, open for as long as it works.
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { StoreDefinition, StoreReader } from "../../core/stream/store.ts";
import type { StreamReach } from "../../core/stream/stream-reach.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import { openSnapshotPlace, type SnapshotPlace } from "./snapshot-place.ts";
import { StoreCopy } from "./store-copy.ts";

/** `ctx.store`: a store of the job, by its definition or its name. @throws MillraceError `STORE_UNDECLARED` */
export interface AskStore {
  <Value>(store: StoreDefinition<string, Value>): StoreReader<Value>;
  (name: string): StoreReader;
}

/** The copies of a run. */
export interface OpenStores extends AsyncDisposable {
  readonly store: AskStore;
  /** Whether all of them are near enough to their topics; cheap, to be asked before each record. @throws what one has failed with */
  areServing(): boolean;
  /** Resolves when they are: handlers wait, and so does what comes behind them. @throws what one has failed with */
  whenServing(signal: AbortSignal): Promise<void>;
}

export interface OpenStoresOptions {
  readonly reach: Pick<StreamReach, "log" | "clock" | "logger" | "folders" | "run">;
  readonly definitions: readonly StoreDefinition[];
  /** Where snapshots go. Default: beside the payloads, where workers of other machines find them, too. */
  readonly snapshots?: SnapshotPlace;
  /** Puts payloads in the place of their tokens. */
  readonly checkOut?: (records: readonly LogRecord[]) => Promise<readonly LogRecord[]>;
}

/**
 * Opens a copy of each; they begin to follow their topics at once, in the background.
 * @throws MillraceError `LOCAL_STORE_FAILED`
 */
export async function openStores({ reach, definitions, snapshots, checkOut }: OpenStoresOptions): Promise<OpenStores> {
  const copies = new Map<string, StoreCopy>();
  const close = async (): Promise<void> => {
    await Promise.all([...copies.values()].map(async (copy) => await copy[Symbol.asyncDispose]()));
  };
  try {
    for (const definition of definitions) {
      const { log, clock, logger, folders, run } = reach;
      const options = { definition, log, clock, logger, folder: folders.stores, run: formatRunId(run.id) };
      const place = snapshots ?? (await openSnapshotPlace(folders.payloads));
      copies.set(
        definition.name,
        await StoreCopy.open({ ...options, snapshots: place, ...(checkOut && { checkOut }) }),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  const readers = new Map([...copies].map(([name, copy]) => [name, copy.reader()]));
  const find = (store: string | StoreDefinition): StoreReader => {
    const name = typeof store === "string" ? store : store.name;
    const reader = readers.get(name);
    if (reader !== undefined) return reader;
    throw new MillraceError("STORE_UNDECLARED", `the job does not declare store \`${name}\``, {
      hint: "add it to `stores` of the job, so that its runs keep a copy up to date",
    });
  };
  return {
    // A reader gives what `apply` has set, whose type the definition says.
    store: find,
    areServing: () => [...copies.values()].every((copy) => copy.isServing()),
    async whenServing(signal) {
      for (const copy of copies.values()) await copy.whenServing(signal);
    },
    [Symbol.asyncDispose]: close,
  };
}
