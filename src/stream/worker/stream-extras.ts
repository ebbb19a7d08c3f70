// What other rooms add to the handling of records: values that lie elsewhere, and what has to be ready before a partition begins.
import type { JobContext } from "../../core/job/job-context.ts";
import type { StoreDefinition } from "../../core/stream/store.ts";
import { reachOf } from "../../core/stream/stream-reach.ts";
import { type AskLookup, createLookups } from "../lookup/lookups.ts";
import { isClaimCheck } from "../claims/payloads.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import { type AskStore, openStores } from "../stores/open-stores.ts";

/** Opened for a run. */
export interface StreamExtras extends AsyncDisposable {
  /** `ctx.lookup` */
  readonly lookup: AskLookup;
  /** `ctx.store` */
  readonly store: AskStore;
  /** Whether a record may be handled now; asked before each. @throws what makes that impossible */
  isReady(): boolean;
  /** Resolves when records may be handled; those behind wait, too. @throws what makes that impossible */
  whenReady(signal: AbortSignal): Promise<void>;
  /** Called before the first record of a partition is handled, at each holding of it anew; its handlers wait for it. */
  enter(partition: number, signal: AbortSignal): Promise<void>;
  /** The partition is given back or was lost. */
  leave(partition: number): Promise<void>;
  /** Whether the value of the record is a token for one that lies elsewhere. Asked for each record with headers. */
  isToken(record: LogRecord): boolean;
  /** The record with its value in the place of the token. @throws MillraceError retried, or a dead letter, as its disposition says */
  open(record: LogRecord, signal: AbortSignal): Promise<LogRecord>;
}

/** What a job declares that its handlers use. */
export interface ExtrasOptions {
  readonly stores: readonly StoreDefinition[];
}

/** Opens what the handlers of a run use besides their records. */
export async function openExtras(ctx: JobContext, { stores: definitions }: ExtrasOptions): Promise<StreamExtras> {
  const reach = reachOf(ctx);
  const { clock, signal, logger: log, connections: watch } = reach;
  const stores = await openStores({ reach, definitions });
  return {
    lookup: createLookups({ clock, signal, log, watch, connect: (name) => ctx.connection(name) }),
    store: stores.store,
    isReady: () => stores.areServing(),
    whenReady: (waiting) => stores.whenServing(waiting),
    enter: (_partition, waiting) => stores.whenServing(waiting),
    leave: async () => undefined,
    isToken: isClaimCheck,
    open: async (record, access) => ({ ...record, value: await reach.payloads.valueOf(record, { signal: access }) }),
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  };
}
