// Tells people how a copy of a store stands, at most once a second.
import type { Clock } from "../../core/clock.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import type { StoreDefinition } from "../../core/stream/store.ts";
import type { ServedState } from "./served-state.ts";
import type { StateFile } from "./state-file.ts";
import { type StoreStatus, writeStoreStatus } from "./store-status.ts";

export interface StatusTellerOptions {
  readonly definition: StoreDefinition;
  readonly clock: Clock;
  readonly run: string;
  /** Of the copy. */
  readonly folder: string;
  readonly served: ServedState;
}

export interface CopyFacts {
  readonly file: StateFile;
  readonly ends: ReadonlyMap<number, number>;
  readonly snapshotAtMs: number | undefined;
}

export class StatusTeller {
  readonly #options: StatusTellerOptions;
  #last: StoreStatus | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: StatusTellerOptions) {
    this.#options = options;
  }

  /** Nobody has to wait for it. */
  mayTell(facts: CopyFacts): void {
    if (this.#last !== undefined && this.#options.clock.now() - this.#last.atMs < everyMs) return;
    this.#write(this.#describe(facts));
  }

  /** What the copy has failed with. */
  async tell({ failure }: { readonly failure: MillraceError }): Promise<void> {
    this.#write({ ...this.#lastOrNothing(), state: "failed", error: failure.message });
    await this.#writing;
  }

  async close(): Promise<void> {
    if (this.#last?.state !== "failed") this.#write({ ...this.#lastOrNothing(), state: "closed" });
    await this.#writing;
  }

  #write(status: StoreStatus): void {
    const told = { ...status, atMs: this.#options.clock.now() };
    this.#last = told;
    // a disk without room is told by the store itself
    const write = async (): Promise<void> => await writeStoreStatus(this.#options.folder, told).catch(() => undefined);
    this.#writing = this.#writing.then(write);
  }

  #describe({ file, ends, snapshotAtMs }: CopyFacts): StoreStatus {
    const { served } = this.#options;
    const behindMs = served.behindMs();
    return {
      ...this.#lastOrNothing(),
      state: file.caughtUpAtMs === undefined ? "building" : "serving",
      asOfMs: served.asOfMs() ?? null,
      behindMs: Number.isFinite(behindMs) ? behindMs : null,
      bytes: file.bytes,
      snapshotAtMs: snapshotAtMs ?? null,
      positions: [...file.positions.values()].map(({ partition, offset }) => ({
        partition,
        offset,
        end: ends.get(partition) ?? offset,
      })),
    };
  }

  #lastOrNothing(): StoreStatus {
    if (this.#last !== undefined) return this.#last;
    const { definition, run } = this.#options;
    const told = { asOfMs: null, behindMs: null, bytes: 0, snapshotAtMs: null, positions: [], error: null };
    return { ...told, store: definition.name, topic: definition.topic.name, run, state: "building", atMs: 0 };
  }
}

const everyMs = 1_000;
