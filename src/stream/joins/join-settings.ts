// What a join says of how it is worked through, with the defaults filled in.
import type { Topic } from "../../core/stream/topic.ts";
import type { StreamContext } from "../worker/stream-context.ts";

/** One of the topics of a join. */
export interface JoinInput {
  readonly name: string;
  readonly topic: Topic;
  /** The key that a value belongs to; undefined or null where it has none. */
  readonly keyOf: (value: unknown) => unknown;
}

/** Called with what has come, by the names of the inputs. */
export type JoinHandler = (values: Readonly<Record<string, unknown>>, ctx: StreamContext) => unknown;

/** How a join is worked through. */
export interface JoinSettings {
  readonly group: string;
  readonly job: string;
  readonly inputs: readonly JoinInput[];
  /** From the first input of a key on, by the time at which it happened. */
  readonly expireMs: number;
  readonly onExpire: "deadLetter" | "emit" | "drop";
  readonly duplicates: "first" | "last";
  readonly late: "ignore" | "again";
  /** Keys that may wait in all partitions together. */
  readonly maxKeys: number;
  readonly maxBytesPerKey: number;
  readonly handle: JoinHandler;
  /** Where what the handler returns is produced. */
  readonly output: Topic | undefined;
  readonly startAt: "earliest" | "latest";
  /** Handlers of a partition at once, of different keys. */
  readonly lanes: number;
  readonly deadLetterAfter: number;
  readonly retryWaitMs: number;
}
