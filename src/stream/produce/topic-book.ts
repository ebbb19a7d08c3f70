// The topics that a run touches, as they are in the log. The first touch declares a topic, so that nobody has to create it.
import type { StreamLog, TopicState } from "../../core/stream/stream-log.ts";
import type { Topic } from "../../core/stream/topic.ts";

/** Knows topics by their name. */
export class TopicBook {
  readonly #log: StreamLog;
  readonly #known = new Map<string, Promise<TopicState>>();

  constructor(log: StreamLog) {
    this.#log = log;
  }

  /** The topic as it was when it was touched first. @throws MillraceError `TOPIC_MISMATCH` | `LOG_UNAVAILABLE` */
  find(topic: Topic): Promise<TopicState> {
    const known = this.#known.get(topic.name);
    if (known !== undefined) return known;
    const { name, partitions, retentionMs } = topic;
    const state = this.#log.declareTopic({ name, partitions, retentionMs });
    this.#known.set(name, state);
    // What failed is tried again by the next who asks.
    state.catch(() => this.forget(name));
    return state;
  }

  /** It may be another one by now. */
  forget(name: string): void {
    this.#known.delete(name);
  }
}
