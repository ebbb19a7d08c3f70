// Lets records of a partition be in work side by side: those of one key in one lane, one after the other.
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { Outcome } from "./effects.ts";
import type { OffsetTrack } from "./offset-track.ts";

export interface LanesOptions {
  readonly count: number;
  readonly track: OffsetTrack;
  /** Takes a record to its end. @throws when the partition is to be left; no record is begun after that */
  readonly process: (record: LogRecord) => Outcome | Promise<Outcome>;
}

/** Records that wait in lanes or are in work, for each lane; more would only be held in memory. */
const roomPerLane = 16;

/** Of one partition. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #tails: (Promise<void> | undefined)[];
  readonly #room: number;
  #inWork = 0;
  #failure: { readonly thrown: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#tails = Array.from({ length: options.count }, () => undefined);
    this.#room = options.count === 1 ? 1 : options.count * roomPerLane;
  }

  /**
   * Takes the next record. @returns `undefined` when the one after it may come at once, else what resolves when there is room
   * @throws what `process` threw for a record before
   */
  submit(record: LogRecord): Promise<void> | undefined {
    this.#assertWell();
    const lane = this.#tails.length === 1 ? 0 : laneOf(record, this.#tails.length);
    const tail = this.#tails[lane];
    if (tail !== undefined) {
      this.#enter(lane, record.offset, async () => {
        await tail;
        this.#assertWell();
        return await this.#options.process(record);
      });
      return this.#untilRoom();
    }
    const outcome = this.#options.process(record);
    if (outcome instanceof Promise) {
      this.#enter(lane, record.offset, () => outcome);
      return this.#untilRoom();
    }
    this.#options.track.pass(record.offset, outcome);
    return undefined;
  }

  /** Resolves when no record is in work. @throws what `process` threw */
  async drain(): Promise<void> {
    while (this.#inWork > 0 && this.#failure === undefined) await this.#changed.promise;
    this.#assertWell();
  }

  #untilRoom(): Promise<void> | undefined {
    return this.#inWork < this.#room ? undefined : this.#wait();
  }

  async #wait(): Promise<void> {
    while (this.#inWork >= this.#room && this.#failure === undefined) await this.#changed.promise;
    this.#assertWell();
  }

  #enter(lane: number, offset: number, work: () => Promise<Outcome>): void {
    const { track } = this.#options;
    const slot = track.begin(offset);
    this.#inWork += 1;
    const ended = work()
      .then(
        (outcome) => track.finish(slot, outcome),
        (thrown: unknown) => {
          this.#failure ??= { thrown };
        },
      )
      .then(() => {
        this.#inWork -= 1;
        if (this.#tails[lane] === ended) this.#tails[lane] = undefined;
        this.#changed.resolve();
        this.#changed = Promise.withResolvers();
      });
    this.#tails[lane] = ended;
  }

  #assertWell(): void {
    if (this.#failure !== undefined) throw this.#failure.thrown;
  }
}

// Any spread will do; records without a key have no order to keep.
function laneOf({ key, offset }: LogRecord, count: number): number {
  if (key === null) return offset % count;
  let hash = 0;
  for (const byte of key) hash = (Math.imul(hash, 31) + byte) | 0;
  return (hash >>> 0) % count;
}
