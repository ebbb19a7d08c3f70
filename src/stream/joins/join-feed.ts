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
  readonly now: () => number;
}

/** One input. */
export class JoinFeed {
  readonly topic: TopicState;
  readonly #feed: ChunkFeed;
  readonly #now: () => number;
  #records: readonly LogRecord[] = [];
  #at = 0;
  #next: number;
  /** When the read began that is under way, and the last one that is done. */
  #askedAtMs: number | undefined;
  #lookedAtMs = -Infinity;
  /** How far the group stands. */
  position: number;
  /** The greatest time of a record so far, none of them in the future. */
  maxTimeMs: number = -Infinity;

  constructor({ from, now, ...options }: JoinFeedOptions) {
    this.topic = options.topic;
    this.#now = now;
    this.position = from;
    this.#next = from;
    this.#feed = new ChunkFeed({ ...options, from });
  }

  /** When the next record happened; undefined: there is none yet. */
  get nextTimeMs(): number | undefined {
    return this.#records[this.#at]?.timeMs;
  }

  /**
   * The time up to which all has come: where all was read that there is, that of the last look, as what came since is not known; else
   * that of the last record.
   */
  get passedMs(): number {
    const isDrained = this.#at >= this.#records.length && this.#next >= (this.#feed.end ?? Infinity);
    return isDrained ? Math.max(this.maxTimeMs, this.#lookedAtMs) : this.maxTimeMs;
  }

  get lag(): number {
    return Math.max(0, (this.#feed.end ?? 0) - this.position);
  }

  /** Looks for records where it has none. */
  async fill(): Promise<void> {
    if (this.#at < this.#records.length) return;
    const askedAtMs = this.#askedAtMs ?? this.#now();
    this.#askedAtMs = undefined;
    const { records, next } = await this.#feed.take();
    this.#lookedAtMs = askedAtMs;
    this.#records = records;
    this.#at = 0;
    this.#next = next;
    if (records.length === 0) return;
    this.#askedAtMs = this.#now();
    this.#feed.prefetch();
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
