// What handlers look into, and whether it is near enough to its topic. How far behind it is, is measured by when the topic was looked at
// whose end is applied, not by the times of records: those may be of any time.
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { StoreDefinition, StoreEntry, StoreReader } from "../../core/stream/store.ts";
import { parse } from "./fold-records.ts";
import type { StateFile } from "./state-file.ts";

export class ServedState {
  readonly #definition: StoreDefinition;
  readonly #clock: Clock;
  #file: StateFile | undefined;
  /** Folded by code before the present one, which nothing is applied to any more. */
  #isOld = false;
  #ends: ReadonlyMap<number, number> = new Map();
  #caughtUpAtMs: number | undefined;
  #failure: MillraceError | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(definition: StoreDefinition, clock: Clock) {
    this.#definition = definition;
    this.#clock = clock;
  }

  /** From now on looks go into this file; `undefined`: there is nothing to look into. */
  serve(file: StateFile | undefined, isOld = false): void {
    this.#file = file;
    this.#isOld = isOld;
    this.#tell();
  }

  /** Whether looks go into this file. */
  serves(file: StateFile): boolean {
    return this.#file === file;
  }

  /** The file held what the topic had at that time. */
  caughtUp(atMs: number): void {
    this.#caughtUpAtMs = atMs;
    this.#tell();
  }

  /** Where the topic ends, as far as it is known. */
  noteEnds(ends: ReadonlyMap<number, number>): void {
    this.#ends = ends;
  }

  /** Whoever waits or looks is told, from now on. */
  fail(error: MillraceError): void {
    this.#failure = error;
    this.#tell();
  }

  /** @throws what the store has failed with */
  isServing(): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#file === undefined) return false;
    const bound = this.#definition.serveWhenBehindMs;
    if (bound !== undefined) return this.behindMs() <= bound;
    return this.#isOld || this.#caughtUpAtMs !== undefined;
  }

  /** Resolves when looks are near enough to the topic. @throws what the store has failed with, and the reason of the signal */
  async whenServing(signal: AbortSignal): Promise<void> {
    while (!this.isServing()) {
      signal.throwIfAborted();
      await untilAborted(this.#changed.promise, signal);
    }
  }

  behindMs(): number {
    const atMs = this.#isOld ? this.#file?.caughtUpAtMs : (this.#caughtUpAtMs ?? this.#file?.caughtUpAtMs);
    return atMs === undefined ? Infinity : Math.max(0, this.#clock.now() - atMs);
  }

  asOfMs(): number | undefined {
    const positions = [...(this.#file?.positions.values() ?? [])];
    const behind = positions.filter(
      ({ partition, offset }) => this.#isOld || offset < (this.#ends.get(partition) ?? offset),
    );
    const times = (behind.length > 0 ? behind : positions).flatMap(({ timeMs }) => timeMs ?? []);
    if (times.length === 0) return undefined;
    return behind.length > 0 ? Math.min(...times) : Math.max(...times);
  }

  reader(): StoreReader {
    return {
      name: this.#definition.name,
      get: (key) => parse(this.#open().get(key)),
      entries: (prefix = "") => this.#entries(prefix),
      behindMs: () => this.behindMs(),
      asOf: () => {
        const atMs = this.asOfMs();
        return atMs === undefined ? undefined : new Date(atMs);
      },
    };
  }

  *#entries(prefix: string): Generator<StoreEntry<unknown>> {
    for (let after: string | undefined; ;) {
      const page = this.#open().list(prefix, after);
      for (const { key, text } of page) yield { key, value: parse(text) };
      after = page.at(-1)?.key;
      if (after === undefined) return;
    }
  }

  #open(): StateFile {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#file !== undefined) return this.#file;
    const message = `store \`${this.#definition.name}\` is being made`;
    throw new MillraceError("LOCAL_STORE_FAILED", message, {
      hint: "handlers that declare it in `stores` wait for it",
    });
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const abort = (): void => aborted.resolve();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
