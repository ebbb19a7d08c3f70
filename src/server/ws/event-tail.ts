// The end of the stream of events as one server follows it: one reader, however many clients, and none while there are none.
// What was read last stays in memory, so that clients that come back after a moment do not all ask the store.
import type { FeedStore } from "../../store/feed/feed-store.ts";
import type { WorkStore } from "../../store/claim/work-store.ts";
import { type FeedEntry, type Redact, toFeedEntry } from "./feed-entry.ts";

export interface EventTailOptions {
  readonly store: Pick<FeedStore & WorkStore, "feedEnd" | "readFeed" | "subscribe">;
  /** Called with events in order, each once. */
  readonly onEntries: (entries: readonly FeedEntry[]) => void;
  readonly onError: (error: unknown) => void;
  readonly redact: Redact;
  /** How often to look while nothing is heard of. Default 100. */
  readonly pollMs?: number;
}

const pageSize = 1_000;
/** Looks follow each other after as long as the last one took, and at least this. */
const shortestPauseMs = 20;
const pauseAfterErrorMs = 1_000;
/** Events that are remembered, and the length of their texts together. */
const maxEntries = 10_000;
const maxLength = 16_000_000;
/** After a stop of that long it begins anew instead of catching up. */
const forgottenAfterMs = 60_000;

/** From a start to a stop; one that ends may still be there when the next begins. */
interface Following {
  isOver: boolean;
  isHeard: boolean;
  wake: (() => void) | undefined;
  readonly started: PromiseWithResolvers<void>;
}

/** `start` and `stop` as often as clients come and go. */
export class EventTail {
  readonly #options: EventTailOptions;
  #position = 0;
  #entries: FeedEntry[] = [];
  /** All events after it, up to the position, are in `entries`. */
  #rememberedFrom = 0;
  #stoppedAtMs = Number.NEGATIVE_INFINITY;
  #following: Following | undefined;
  #length = 0;

  constructor(options: EventTailOptions) {
    this.#options = options;
  }

  /** Everything up to here was given to `onEntries`, or came before the start. */
  get position(): number {
    return this.#position;
  }

  /** Resolves when the position is known. */
  async start(): Promise<void> {
    if (this.#following === undefined) {
      const following: Following = {
        isOver: false,
        isHeard: false,
        wake: undefined,
        started: Promise.withResolvers(),
      };
      this.#following = following;
      this.#begin(following).then(following.started.resolve, (error: unknown) => {
        // Whoever waits for this start is told; the next one tries again.
        if (this.#following === following) this.stop();
        following.started.reject(error);
      });
    }
    await this.#following.started.promise;
  }

  stop(): void {
    const following = this.#following;
    if (following === undefined) return;
    this.#following = undefined;
    this.#stoppedAtMs = performance.now();
    following.isOver = true;
    following.wake?.();
  }

  /** Events after a position that are still in memory; `undefined` when some are not. */
  recall(after: number): readonly FeedEntry[] | undefined {
    if (after < this.#rememberedFrom) return undefined;
    return this.#entries.slice(findFirstAfter(this.#entries, after));
  }

  async #begin(following: Following): Promise<void> {
    if (performance.now() - this.#stoppedAtMs > forgottenAfterMs) {
      const end = Number(await this.#options.store.feedEnd());
      if (following.isOver) return;
      this.#position = end;
      this.#rememberedFrom = end;
      this.#entries = [];
      this.#length = 0;
    }
    void this.#follow(following);
  }

  async #follow(following: Following): Promise<void> {
    using _hints = this.#options.store.subscribe(() => {
      following.isHeard = true;
      following.wake?.();
    });
    while (!following.isOver) {
      const startedAtMs = performance.now();
      let pauseMs = this.#options.pollMs ?? 100;
      try {
        if (!(await this.#readOnce(following))) pauseMs = 0;
      } catch (error) {
        this.#options.onError(error);
        pauseMs = pauseAfterErrorMs;
      }
      await pause(following, Math.max(shortestPauseMs, performance.now() - startedAtMs), pauseMs);
    }
  }

  // @returns whether it has reached the end
  async #readOnce(following: Following): Promise<boolean> {
    const page = await this.#options.store.readFeed(String(this.#position), { limit: pageSize });
    if (following.isOver) return true;
    const entries = page.events.map((event) => toFeedEntry(event, this.#options.redact));
    this.#remember(entries);
    this.#position = Number(page.position);
    if (entries.length > 0) this.#options.onEntries(entries);
    return page.isEnd;
  }

  // Drops a tenth at a time, so that the rest is not moved for each.
  #remember(entries: readonly FeedEntry[]): void {
    this.#entries.push(...entries);
    for (const { text } of entries) this.#length += text.length;
    while (this.#entries.length > maxEntries || this.#length > maxLength) {
      const dropped = this.#entries.splice(0, Math.ceil(this.#entries.length / 10));
      for (const { text } of dropped) this.#length -= text.length;
      this.#rememberedFrom = dropped.at(-1)?.position ?? this.#rememberedFrom;
    }
  }
}

// At least `leastMs`, so that looks never take more than half of the time; a change ends the rest.
async function pause(following: Following, leastMs: number, longestMs: number): Promise<void> {
  following.isHeard = false;
  await sleep(following, leastMs, () => following.isOver);
  await sleep(following, longestMs - leastMs, () => following.isOver || following.isHeard);
}

async function sleep(following: Following, ms: number, isOver: () => boolean): Promise<void> {
  if (ms <= 0 || isOver()) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    following.wake = () => {
      if (!isOver()) return;
      clearTimeout(timer);
      resolve();
    };
  });
  following.wake = undefined;
}

// Entries are in order of position.
function findFirstAfter(entries: readonly FeedEntry[], after: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.position ?? 0) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
