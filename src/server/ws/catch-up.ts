// Brings a subscription from where its client was to the tail: from memory when that reaches back so far, else from the
// store. It joins the tail in one step with the last look at it, so nothing is left out and nothing comes twice.
import type { Topic } from "../../api/event-message.ts";
import type { FeedScope, FeedStore } from "../../store/feed/feed-store.ts";
import type { EventClient, Subscription } from "./event-client.ts";
import type { EventTail } from "./event-tail.ts";
import { type FeedEntry, type Redact, toFeedEntry } from "./feed-entry.ts";
import { runOf, type RunTrees } from "./run-trees.ts";

export interface CatchUpOptions {
  readonly store: Pick<FeedStore, "readFeed">;
  readonly tail: Pick<EventTail, "position" | "recall">;
  readonly trees: Pick<RunTrees, "has">;
  readonly redact: Redact;
  /** Events after which a client is told to take a snapshot instead. Default 20,000. */
  readonly maxEvents?: number;
}

/** Events at a time; the next come when these have left. */
const pageSize = 500;

/** Reads at a time, so that clients that all come back do not hold up the orchestrator. */
const maxReads = 2;

/** One for a server. */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #waiting: (() => void)[] = [];
  #reads = 0;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** Resolves when the subscription is live or over. @param why what the client is told when it is too far behind */
  async bring(client: EventClient, subscription: Subscription, why: "slow" | "too_old"): Promise<void> {
    const { tail, maxEvents = 20_000 } = this.#options;
    subscription.state = "behind";
    let sent = 0;
    while (subscription.state === "behind" && !client.isClosed) {
      const entries = this.#recall(subscription) ?? (await this.#read(subscription));
      if (entries === "removed" || sent > maxEvents) {
        skipToTail(client, subscription, { pos: tail.position, why });
        return;
      }
      if (entries === "live") return;
      sent += entries.length;
      await client.sendEntries(subscription, entries);
    }
  }

  #recall(subscription: Subscription): readonly FeedEntry[] | "live" | undefined {
    const { tail } = this.#options;
    const recalled = tail.recall(subscription.position);
    if (recalled === undefined) return undefined;
    const wanted = recalled.filter(this.#matcher(subscription.topic));
    if (wanted.length > 0) return wanted.slice(0, pageSize);
    goLive(subscription, tail.position);
    return "live";
  }

  // A read that ends where the tail is, or beyond, leaves nothing between them.
  async #read(subscription: Subscription): Promise<readonly FeedEntry[] | "live" | "removed"> {
    const { store, tail, redact } = this.#options;
    const { topic, position } = subscription;
    const scope = scopeOf(topic);
    const options = scope === undefined ? { limit: pageSize } : { limit: pageSize, scope };
    const page = await this.#inTurn(() => store.readFeed(String(position), options));
    if (!page.isComplete) return "removed";
    if (subscription.state !== "behind") return "live";
    subscription.position = Number(page.position);
    const entries = page.events.map((event) => toFeedEntry(event, redact)).filter(this.#matcher(topic));
    if (entries.length > 0 || !page.isEnd || subscription.position < tail.position) return entries;
    goLive(subscription, tail.position);
    return "live";
  }

  #matcher(topic: Topic): (entry: FeedEntry) => boolean {
    const { trees } = this.#options;
    const runId = runOf(topic);
    if (runId !== undefined) {
      return (entry) => entry.runId === runId || entry.rootRunId === runId || trees.has(runId, entry.runId);
    }
    if (topic === "runs") return () => true;
    if (topic === "jobs") return ({ parentRunId }) => parentRunId === undefined;
    const job = topic.slice("job:".length);
    return (entry) => entry.job === job;
  }

  async #inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.#reads >= maxReads) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#reads += 1;
    try {
      return await read();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#reads -= 1;
      else next();
    }
  }
}

/** Leaves out what the client has missed, and says so. */
export function skipToTail(
  client: EventClient,
  subscription: Subscription,
  { pos, why }: { readonly pos: number; readonly why: "slow" | "too_old" },
): void {
  subscription.position = pos;
  subscription.state = "live";
  client.send({ type: "resync", topic: subscription.topic, pos: String(pos), why });
}

// Another server on the same store may have been ahead of this one.
function goLive(subscription: Subscription, position: number): void {
  subscription.position = Math.max(subscription.position, position);
  subscription.state = "live";
}

function scopeOf(topic: Topic): FeedScope | undefined {
  const runId = runOf(topic);
  if (runId !== undefined) return { rootRunId: runId };
  return topic.startsWith("job:") ? { job: topic.slice("job:".length) } : undefined;
}
