// Waits for records in the store: all who wait through one log share one look, however many partitions they wait for.
import type { Clock } from "../../core/clock.ts";
import type { BlockLog } from "../../core/stream/stream-ledger.ts";
import type { LogPosition, LogWait } from "../../core/stream/stream-log.ts";

/** Between two looks for appends of other processes: at first often, then less so. */
const firstPollMs = 2;
const maxPollMs = 100;

interface Wait {
  readonly positions: readonly LogPosition[];
  readonly untilMs: number;
  readonly done: PromiseWithResolvers<void>;
}

/** Of one log object. */
export class HeadWatch {
  readonly #blocks: Pick<BlockLog, "readBounds">;
  readonly #clock: Clock;
  readonly #waits = new Set<Wait>();
  #pollMs = firstPollMs;
  #rest = new AbortController();
  #isLooking = false;

  constructor(blocks: Pick<BlockLog, "readBounds">, clock: Clock) {
    this.#blocks = blocks;
    this.#clock = clock;
  }

  /** Looks now: something was appended through this log, or a new wait began. */
  wake(): void {
    this.#pollMs = firstPollMs;
    this.#rest.abort();
  }

  /** As `waitForRecords` of the log. @throws what a look throws */
  async wait(positions: readonly LogPosition[], { timeoutMs, signal }: LogWait): Promise<void> {
    if (signal.aborted) return;
    const wait = { positions, untilMs: this.#clock.now() + timeoutMs, done: Promise.withResolvers<void>() };
    signal.addEventListener("abort", () => wait.done.resolve(), { once: true, signal: this.#ending(wait) });
    this.#waits.add(wait);
    this.wake();
    if (!this.#isLooking) void this.#look();
    try {
      await wait.done.promise;
    } finally {
      this.#waits.delete(wait);
    }
  }

  // Aborts with the wait, so that no listener stays with a signal that lives for months.
  #ending({ done }: Wait): AbortSignal {
    const ended = new AbortController();
    const end = (): void => ended.abort();
    done.promise.then(end, end);
    return ended.signal;
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#waits.size > 0) {
      this.#rest = new AbortController();
      await this.#lookOnce([...this.#waits]);
      if (this.#waits.size === 0) break;
      const leftMs = Math.min(...[...this.#waits].map(({ untilMs }) => untilMs)) - this.#clock.now();
      const restMs = Math.max(0, Math.min(this.#pollMs, leftMs));
      this.#pollMs = Math.min(maxPollMs, this.#pollMs * 2);
      await this.#clock.sleep(restMs, this.#rest.signal);
    }
    this.#isLooking = false;
  }

  async #lookOnce(waits: readonly Wait[]): Promise<void> {
    const ids = new Set(waits.flatMap(({ positions }) => positions.map(({ topic }) => topic.id)));
    try {
      const bounds = await this.#blocks.readBounds([...ids]);
      // What is gone, or was raised, is for the reader to find out.
      const isThere = ({ topic, partition, offset }: LogPosition): boolean =>
        (bounds.get(topic.id)?.[partition]?.end ?? Infinity) > offset;
      const nowMs = this.#clock.now();
      for (const wait of waits) if (nowMs >= wait.untilMs || wait.positions.some(isThere)) this.#end(wait);
    } catch (thrown) {
      for (const wait of waits) this.#end(wait, { thrown });
    }
  }

  #end(wait: Wait, failure?: { readonly thrown: unknown }): void {
    this.#waits.delete(wait);
    if (failure === undefined) wait.done.resolve();
    else wait.done.reject(failure.thrown);
  }
}
