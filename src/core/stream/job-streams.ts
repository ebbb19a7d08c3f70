// What a run may do with topics: produce, and for the jobs of streams the reach that their loops work with.
import type { Clock } from "../clock.ts";
import type { MillraceError } from "../errors/errors.ts";
import type { RunId } from "../run-id.ts";
import type { LeftOutRecords } from "./left-out.ts";
import type { StreamLog } from "./stream-log.ts";
import type { StreamPort } from "./stream-ledger.ts";
import type { JobPayloads, StreamPayloads } from "./stream-payloads.ts";
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
  /** What the loops of stream jobs work with. */
  readonly reach: StreamReach;
}

/** What a stream job works with, besides its context. */
export interface StreamReach {
  readonly log: StreamLog;
  /** Writes are refused when the lease of the run is gone. */
  readonly port: StreamPort;
  readonly clock: Clock;
  readonly random: () => number;
  readonly run: { readonly id: RunId; readonly job: string; readonly epoch: number; readonly attempt: number };
  /** Fingerprint of the job's code. */
  readonly code: string;
  /** Where the project keeps what may be lost: local stores, payloads in a folder. Absolute. */
  readonly folders: { readonly stores: string; readonly payloads: string };
  /** Values that lie beside the log. */
  readonly payloads: StreamPayloads;
  /** Records of its batch that do not fit. */
  readonly leftOut: LeftOutRecords;
  readonly signal: AbortSignal;
  /** Whether a person pauses the run. Looked at between records; a stop, and the end of the worker, abort `signal`. */
  readonly isAskedToLeave: () => boolean;
  /** Ends the attempt as it was asked to, when all is given back. @throws MillraceError `RUN_PAUSED` where it was asked */
  readonly leave: () => void;
  readonly logger: StreamLogger;
  readonly connections: ConnectionWatch;
  readonly progress: (update: { readonly done?: number; readonly total?: number; readonly operation?: string }) => void;
}

/** The connections of the job, whose breakers hold back what would fail. */
export interface ConnectionWatch {
  /**
   * Tells how the work went. Never rejects. @param error `undefined` for success
   * @returns how long nothing of the job should be tried because a breaker is open; 0 when it may go on
   */
  report(error: MillraceError | undefined): Promise<number>;
}

/** The log of the run, as far as loops write to it. */
export interface StreamLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
