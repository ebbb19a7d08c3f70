// All inputs of a join in one partition, and the time that has passed in them.
import type { PositionMove } from "../../core/stream/stream-ledger.ts";
import type { LogPosition } from "../../core/stream/stream-log.ts";
import type { JoinFeed } from "./join-feed.ts";

/** An input, and where its records end. */
export interface InputEnd {
  readonly input: number;
  readonly to: number;
}

/** In the order of the definition. */
export class JoinFeeds {
  readonly #feeds: readonly JoinFeed[];

  constructor(feeds: readonly JoinFeed[]) {
    this.#feeds = feeds;
  }

  get lag(): number {
    return this.#feeds.reduce((sum, feed) => sum + feed.lag, 0);
  }

  at(input: number): JoinFeed | undefined {
    return this.#feeds[input];
  }

  /** The input that reads a topic; the first where none does. */
  indexOf(topicId: string): number {
    return Math.max(
      0,
      this.#feeds.findIndex(({ topic }) => topic.id === topicId),
    );
  }

  async fill(): Promise<void> {
    await Promise.all(this.#feeds.map((feed) => feed.fill()));
  }

  /** The input whose next record happened first. */
  choose(): number | undefined {
    let chosen: number | undefined;
    let earliest = Infinity;
    for (const [input, { nextTimeMs }] of this.#feeds.entries()) {
      if (nextTimeMs === undefined || nextTimeMs >= earliest) continue;
      earliest = nextTimeMs;
      chosen = input;
    }
    return chosen;
  }

  /** Event time up to which all inputs have come; an input that has nothing more to read holds nobody back for longer than a look. */
  watermark(nowMs: number): number {
    return this.#feeds.reduce((least, feed) => Math.min(least, feed.passedMs), nowMs);
  }

  /** What a write moves, of all inputs. */
  toMoves(moved: InputEnd | undefined, inHand: InputEnd | undefined): readonly PositionMove[] {
    return this.#feeds.map((feed, input) => {
      const to = moved?.input === input ? moved.to : feed.position;
      const hand = inHand?.input === input && inHand.to > to ? { handTo: inHand.to } : {};
      const time = Number.isFinite(feed.maxTimeMs) ? { maxTimeMs: feed.maxTimeMs } : {};
      return { topicId: feed.topic.id, from: feed.position, to, ...hand, ...time };
    });
  }

  positions(partition: number): readonly LogPosition[] {
    return this.#feeds.map(({ topic, position: offset }) => ({ topic, partition, offset }));
  }
}
