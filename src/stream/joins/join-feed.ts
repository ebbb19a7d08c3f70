// The inputs of a join in one partition, read side by side: first what happened first, so that no input runs ahead of the others.
import type { StreamLog, TopicState } from "../../core/stream/stream-log.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import { ChunkFeed } from "../worker/chunk-feed.ts";

export interface JoinFeedOptions {
  readonly log: StreamLog;
  readonly topic: TopicState;
  readonly partition: number;
  readonly from: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** One input. */
export class JoinFeed {
  readonly topic: TopicState;
  readonly #feed: ChunkFeed;
  #records: readonly LogRecord[] = [];
  #at = 0;
  #next: number;
  /** How far the group stands. */
  position: number;
  /** The greatest time of a record so far, none of them in the future. */
  maxTimeMs: number = -Infinity;

  constructor({ from, ...options }: JoinFeedOptions) {
    this.topic = options.topic;
    this.position = from;
    this.#next = from;
    this.#feed = new ChunkFeed({ ...options, from });
  }

  /** When the next record happened; undefined: there is none yet. */
  get nextTimeMs(): number | undefined {
    return this.#records[this.#at]?.timeMs;
  }

  /** Whether all was read that was there at the last look. */
  get isDrained(): boolean {
    return this.#at >= this.#records.length && this.#next >= (this.#feed.end ?? Infinity);
  }

  get lag(): number {
    return Math.max(0, (this.#feed.end ?? 0) - this.position);
  }

  /** Looks for records where it has none. */
  async fill(): Promise<void> {
    if (this.#at < this.#records.length) return;
    const { records, next } = await this.#feed.take();
    this.#records = records;
    this.#at = 0;
    this.#next = next;
    if (records.length > 0) this.#feed.prefetch();
  }

  /** The next records, and where the group stands after them. */
  take(limit: number): { readonly records: readonly LogRecord[]; readonly to: number } {
    const records = this.#records.slice(this.#at, this.#at + limit);
    this.#at += records.length;
    return { records, to: this.#placeAt(this.#at) };
  }

  /** Where the group would stand after the next records. */
  peek(limit: number): number {
    return this.#placeAt(Math.min(this.#records.length, this.#at + limit));
  }

  #placeAt(at: number): number {
    return at >= this.#records.length ? this.#next : (this.#records[at]?.offset ?? this.#next);
  }
}
