// Reads a topic whole, all partitions of it, in rounds; the next round is fetched while one is applied.
import type { Clock } from "../../core/clock.ts";
import type { StreamLog, TopicState } from "../../core/stream/stream-log.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { PartitionBatch } from "./fold-records.ts";

/** What was there of a topic at one moment, up to a bound of bytes. */
export interface Round {
  /** Before anything of it was read. */
  readonly readAtMs: number;
  readonly batches: readonly PartitionBatch[];
  /** The end of each partition, by number, as it was then. */
  readonly ends: ReadonlyMap<number, number>;
  /** Whether it ends where the topic did. */
  readonly reachesEnd: boolean;
}

export interface TopicReaderOptions {
  readonly log: StreamLog;
  readonly clock: Clock;
  readonly topic: TopicState;
  /** Where it begins, by partition; 0 for those that are left out. */
  readonly positions: ReadonlyMap<number, number>;
  /** Puts payloads in the place of their tokens. Default: records are taken as they are. */
  readonly checkOut?: (records: readonly LogRecord[]) => Promise<readonly LogRecord[]>;
  /** Whether handlers are at work in the same thread, which a long round would hold up. */
  readonly isBusy: () => boolean;
  readonly signal: AbortSignal;
}

/** One position a partition, which moves with each round. */
export class TopicReader {
  readonly #options: TopicReaderOptions;
  readonly #positions: Map<number, number>;
  #ahead: Promise<Round> | undefined;

  constructor(options: TopicReaderOptions) {
    this.#options = options;
    this.#positions = new Map(
      options.topic.bounds.map(({ partition }) => [partition, options.positions.get(partition) ?? 0]),
    );
  }

  /** @throws MillraceError as `StreamLog.read` */
  async read(): Promise<Round> {
    const fetching = this.#ahead ?? this.#fetch();
    this.#ahead = undefined;
    const round = await fetching;
    for (const { partition, next } of round.batches) this.#positions.set(partition, next);
    // at the end another look would find nothing
    if (!round.reachesEnd) {
      this.#ahead = this.#fetch();
      // whoever reads next is told
      this.#ahead.catch(() => undefined);
    }
    return round;
  }

  /** Resolves when there may be more, at the latest after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<void> {
    const { log, topic, signal } = this.#options;
    const positions = [...this.#positions].map(([partition, offset]) => ({ topic, partition, offset }));
    await log.waitForRecords(positions, { timeoutMs, signal });
  }

  /** Resolves when nothing is under way any more. */
  async settle(): Promise<void> {
    await this.#ahead?.catch(() => undefined);
  }

  async #fetch(): Promise<Round> {
    const { clock, isBusy } = this.#options;
    const readAtMs = clock.now();
    const bytes = isBusy() ? roundBytes : hurriedBytes;
    const maxBytes = Math.max(minReadBytes, Math.floor(bytes / this.#positions.size));
    const reads = await Promise.all(
      [...this.#positions].map(([partition, from]) => this.#readPartition(partition, from, maxBytes)),
    );
    return {
      readAtMs,
      batches: reads.map(({ partition, records, next }) => ({ partition, records, next })),
      ends: new Map(reads.map(({ partition, end }) => [partition, end])),
      reachesEnd: reads.every(({ next, end }) => next >= end),
    };
  }

  async #readPartition(
    partition: number,
    from: number,
    maxBytes: number,
  ): Promise<PartitionBatch & { readonly end: number }> {
    const { log, topic, signal, checkOut } = this.#options;
    const { records, next, end } = await log.read({ topic, partition, from, maxBytes, signal });
    return { partition, records: checkOut === undefined ? records : await checkOut(records), next, end };
  }
}

/** A round is applied without a pause: about 10,000 records of 100 bytes, and several times that while nobody is at work beside. */
const roundBytes = 1_000_000;
const hurriedBytes = 8_000_000;
const minReadBytes = 64_000;
