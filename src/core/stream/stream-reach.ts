// What the loops of stream jobs work with besides their context; handlers never see it.
import type { Clock } from "../clock.ts";
import type { MillraceError } from "../errors/errors.ts";
import type { RunId } from "../run-id.ts";
import type { JobStreams, StreamLogger } from "./job-streams.ts";
import type { LeftOutRecords } from "./batch.ts";
import type { StreamPort } from "./stream-ledger.ts";
import type { StreamLog } from "./stream-log.ts";
import type { StreamPayloads } from "./stream-payloads.ts";

/** What a run is given, of which `JobStreams` is what handlers see. */
export interface ReachingStreams extends JobStreams {
  readonly reach: StreamReach;
}

/** What the run of a context reaches of streams. */
export function reachOf({ streams }: { readonly streams: JobStreams }): StreamReach {
  return (streams as ReachingStreams).reach;
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

/** The connections of the job, whose breakers hold back what would fail. Of one run: its partitions share what they know. */
export interface ConnectionWatch {
  /** How long, as far as the run has heard, nothing of it should be begun; 0 when it may. */
  restMs(): number;
  /**
   * Tells how the work went. Never rejects. @param error `undefined` for success
   * @returns how long nothing of the job should be tried because a breaker is open; 0 when it may go on
   */
  report(error: MillraceError | undefined): Promise<number>;
}
