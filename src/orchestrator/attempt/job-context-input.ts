// Defines the parts from which the context of one attempt is made.
import type { ExchangeObserver } from "../../core/connection/exchange.ts";
import type { AvailableCapabilities } from "../../core/job/capabilities.ts";
import type { Job } from "../../core/job/job.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import type { ServiceConnection } from "../../core/connection/service-connection.ts";
import type { Redact } from "../../core/job/redact-end.ts";
import type { JobContext, JobData, JobLogger, ProgressUpdate } from "../../core/job/job-context.ts";
import type { Topic } from "../../core/stream/topic.ts";
import type { JobStreams } from "../../core/stream/job-streams.ts";
import type { ClaimedRun } from "../../store/rows/run-records.ts";
import type { AttemptRecorder, AttemptPort } from "./attempt-port.ts";
import type { YieldPoint } from "./yield-point.ts";

/** What the data layer gets to know about the run it works for. */
export interface RunDataInput {
  readonly run: ClaimedRun;
  /** Datasets that the job reads. */
  readonly inputs: readonly string[];
  /** Topics that its queries read. */
  readonly topicInputs: readonly Topic[];
  /** What it works through, of a job of streams. */
  readonly stream: Job["stream"];
  readonly purpose: Job["purpose"];
  readonly lease: AttemptPort;
  readonly signal: AbortSignal;
  readonly log: JobLogger;
  readonly progress: (update: ProgressUpdate) => void;
  /** Told of each exchange with a service. */
  readonly observer: ExchangeObserver;
}

/** What streams get to know about the run they work for. */
export interface RunStreamsInput {
  readonly run: ClaimedRun;
  readonly job: Pick<Job, "name" | "codeText" | "config" | "params" | "connections">;
  readonly lease: AttemptPort;
  readonly signal: AbortSignal;
  readonly log: JobLogger;
  readonly progress: (update: ProgressUpdate) => void;
  readonly yieldPoint: YieldPoint;
}

/** What the composition root lends to every run. */
export interface RunServices {
  /** The environment of the project. Default: none. */
  readonly environment?: string | undefined;
  readonly serviceProvider: string;
  readonly hasSpark: boolean;
  /** What this place has. Default: nothing. */
  readonly capabilities?: AvailableCapabilities;
  /** Called at the first use of `ctx.data`. */
  createData(input: RunDataInput): JobData;
  resolvePath(relative: string): string;
  /** Called at the first use of `ctx.streams`. Default: there is no log. */
  createStreams?(input: RunStreamsInput): JobStreams;
  /**
   * A declared connection, whose exchanges end with the signal and are told to the observer. Default: there is none.
   * @throws MillraceError `CONNECTION_UNKNOWN` | `SECRET_MISSING`
   */
  connect?(
    name: string,
    lease: AttemptPort,
    call: { readonly signal: AbortSignal; readonly observer: ExchangeObserver },
  ): ServiceConnection;
  /** Puts secrets in the place of references, see `ctx.secret`. Default: there are none. */
  revealSecrets?<Value>(value: Value, where: string): Promise<Resolved<Value>>;
  /** The instant up to which a run of the job reads what has no other end. Default: now. */
  startOfReading?(job: string, now: string): string;
  /** Masks the secrets that connections got to know. Default: nothing is masked. */
  readonly redact?: Redact;
}

export interface CreateJobContextInput {
  readonly run: ClaimedRun;
  /** What it declares. */
  readonly job: Pick<
    Job,
    | "name"
    | "inputs"
    | "topicInputs"
    | "stream"
    | "needs"
    | "purpose"
    | "spawns"
    | "codeText"
    | "config"
    | "params"
    | "connections"
  >;
  readonly lease: AttemptPort;
  readonly config: unknown;
  readonly params: unknown;
  readonly recorder: AttemptRecorder;
  readonly recordMetric: JobContext["metric"];
  readonly services: RunServices;
  readonly signal: AbortSignal;
  /** Gives a signal that aborts when the handler has ended, however it did. */
  readonly over: () => AbortSignal;
  readonly now: () => number;
  /** Looked at in the safe places. */
  readonly yieldPoint: YieldPoint;
  /** Called for each item that `ctx.each` left failed with `onItemError: "continue"`. */
  readonly onItemFailure: (message: string) => void;
}
