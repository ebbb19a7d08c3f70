// What a stream job says of how its records are handled, with the defaults filled in.
import type { Topic } from "../../core/stream/topic.ts";
import type { StreamContext } from "./stream-context.ts";

/** Called for each record. What it returns is awaited where it is a promise. */
export type RecordHandler = (value: unknown, ctx: StreamContext) => unknown;

/** `park`: later records go on, but those of the same key wait behind it. `block`: its lane waits. */
export type FailurePolicy = "park" | "block";

/** How the records of a topic are handled. */
export interface WorkerSettings {
  readonly group: string;
  readonly job: string;
  readonly topic: Topic;
  readonly startAt: "earliest" | "latest";
  readonly handle: RecordHandler;
  /** Records of a partition in work at once, of different keys. */
  readonly lanes: number;
  /** Tries until a record that fails goes to the dead letters. */
  readonly deadLetterAfter: number;
  /** Before the second try; doubles with each. */
  readonly retryWaitMs: number;
  readonly onFailure: FailurePolicy;
  /** Records that were handled before are handled once more; nothing at or past the end of a partition is. */
  readonly replay?: WorkerReplay;
}

/** Of one topic. */
export interface WorkerReplay {
  /** By partition; those that are left out have nothing. */
  readonly ends: ReadonlyMap<number, number>;
  readonly withEffects: boolean;
}
