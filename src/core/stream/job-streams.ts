// What a run may do with topics: produce, and keep large values beside the log.
import type { JobPayloads } from "./stream-payloads.ts";
import type { Topic } from "./topic.ts";

/** Where records that a run produced came to lie. */
export interface ProduceResult {
  readonly records: number;
  readonly ranges: readonly { readonly partition: number; readonly from: number; readonly to: number }[];
}

export interface ProduceOptions {
  /** Identifies the call across attempts: what an attempt before has produced is not produced again. Default: its place among the run's calls. */
  readonly name?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface JobStreams {
  /**
   * Appends values to a topic; durable when the promise resolves. Each is checked against the schema of the topic before the
   * first is appended. @throws MillraceError `RECORD_INVALID` | `RECORD_TOO_LARGE` | `LOG_UNAVAILABLE` (retried)
   */
  readonly produce: <Input>(
    topic: Topic<string, unknown, Input>,
    values: readonly Input[],
    options?: ProduceOptions,
  ) => Promise<ProduceResult>;
  /** Large values beside the log. */
  readonly payloads: JobPayloads;
}

/** The log of the run, as far as loops write to it. */
export interface StreamLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
