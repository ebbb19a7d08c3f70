// Reads a partition ahead by one chunk and no further, so that a handler that stands still holds bounded memory.
import type { RecordsRead, StreamLog, TopicReference } from "../../core/stream/stream-log.ts";

export interface ChunkFeedOptions {
  readonly log: StreamLog;
  readonly topic: TopicReference;
  readonly partition: number;
  readonly from: number;
  /** Nothing at or past it is read. Default: the end, wherever it is. */
  readonly to?: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** Of one partition, from one offset on. */
export class ChunkFeed {
  readonly #options: ChunkFeedOptions;
  #from: number;
  #ahead: Promise<RecordsRead> | undefined;
  #end: number | undefined;

  constructor(options: ChunkFeedOptions) {
    this.#options = options;
    this.#from = options.from;
  }

  /** Where the next chunk begins. */
  get from(): number {
    return this.#from;
  }

  /** The end of the partition when it was read last. */
  get end(): number | undefined {
    return this.#end;
  }

  /** Goes on at an offset. */
  skipTo(offset: number): void {
    this.#from = offset;
    this.#ahead = undefined;
  }

  /** Begins to read the next chunk. */
  prefetch(): void {
    this.#ahead ??= this.#read();
    // Whoever takes it hears of its failure.
    this.#ahead.catch(() => undefined);
  }

  /** The next chunk, which has no record where there is none yet. */
  async take(): Promise<RecordsRead> {
    this.prefetch();
    try {
      const read = await (this.#ahead as Promise<RecordsRead>);
      this.#from = read.next;
      this.#end = read.end;
      return read;
    } finally {
      this.#ahead = undefined;
    }
  }

  /** Where the next chunk ends when it has records; it is read if it was not. */
  async peek(): Promise<number | undefined> {
    this.prefetch();
    const read = await this.#ahead?.catch(() => undefined);
    if (read === undefined) return undefined;
    // What came meanwhile is found by the next look.
    if (read.records.length === 0) this.#ahead = undefined;
    return read.records.length === 0 ? undefined : read.next;
  }

  #read(): Promise<RecordsRead> {
    const { log, topic, partition, to, maxBytes, signal } = this.#options;
    const bound = to === undefined ? {} : { to };
    return log.read({ topic, partition, from: this.#from, ...bound, maxBytes, signal });
  }
}
