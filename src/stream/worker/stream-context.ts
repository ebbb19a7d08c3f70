// What a handler of records may touch: of the context of its run what makes sense for one record of many, and the record.
import type { JobContext } from "../../core/job/job-context.ts";
import type { AskLookup } from "../lookup/lookups.ts";
import type { JobPayloads } from "../../core/stream/stream-payloads.ts";
import type { AskStore } from "../stores/open-stores.ts";
import type { Topic } from "../../core/stream/topic.ts";

/** The record that a handler is called for. */
export interface StreamRecord {
  /** `topic id/partition/offset`: the same at every try and in every replay, to deduplicate by. */
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** Headers as text; of those with the same name the last. */
  readonly headers: Readonly<Record<string, string>>;
  /** When it happened. */
  readonly eventTime: Date;
  /** How often it was tried before. */
  readonly tries: number;
}

/** What may come with produced values. */
export interface StreamProduceOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StreamContext<Config = unknown, Params = unknown> extends Pick<
  JobContext<Config, Params>,
  "config" | "params" | "run" | "capabilities" | "signal" | "log" | "metric" | "connection" | "secret" | "path" | "sql"
> {
  readonly record: StreamRecord;
  /**
   * Produces values when the record is done: on the embedded log in the same transaction as the offset of the record, so exactly
   * once. Nothing of a record that failed is produced. @throws MillraceError `RECORD_INVALID`
   */
  produce<Input>(topic: Topic<string, unknown, Input>, values: readonly Input[], options?: StreamProduceOptions): void;
  /**
   * The value of a key, as a lookup finds it: keys of the same moment are asked for together, and answers are remembered.
   * @throws MillraceError `LOOKUP_FAILED` · `CONNECTION_BLOCKED` while its breaker is open, which holds the partition
   */
  readonly lookup: AskLookup;
  /** Puts large bytes beside the log; the token that it returns may be a field of a value that is produced. @see JobPayloads */
  readonly putPayload: JobPayloads["put"];
  /** The bytes that a token stands for, as they come. @see JobPayloads */
  readonly openPayload: JobPayloads["open"];
  /**
   * A store that the job declares in `stores`, by its definition or its name. It holds what its topic had a moment ago: `asOf` tells.
   * @throws MillraceError `STORE_UNDECLARED`
   */
  readonly store: AskStore;
  /** Whether the records were handled before and come once more, for another result: what reaches people is off then. */
  readonly replay: boolean;
}
