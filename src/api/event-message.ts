// Messages of the WebSocket, one JSON object a frame (`batch` joins several to an array). An event that falls under several
// topics of a client comes once for each of them: (run_id, seq) tells them apart.
import type { RunReason, RunState } from "../core/job/run-state.ts";
import type { Instant, RunIdText } from "./page.ts";
import type { JobOverview } from "./job.ts";
import type { Progress, Run } from "./run.ts";

/**
 * `jobs`: all that happens to root runs, for lists · `runs`: the same with all runs · `job:<name>` · `run:<id>`: the run and all runs in it.
 * `?topic=` of the address subscribes at once.
 */
export type Topic = "jobs" | "runs" | `job:${string}` | `run:${RunIdText}`;

export type ClientMessage =
  | {
      readonly type: "subscribe";
      readonly topic: Topic;
      /** Position of the last message that the client has seen, as `pos` of a message: what came after it follows. Default: from now on. */
      readonly sinceSeq?: string | number;
      /** Whether a snapshot comes first; default true without `sinceSeq`. */
      readonly snapshot?: boolean;
      /** Frames are arrays of messages; default false. */
      readonly batch?: boolean;
    }
  | { readonly type: "unsubscribe"; readonly topic: Topic }
  | { readonly type: "ping" };

/** A message about a run. Those of one run come in order of `seq`, without gaps and, with `sinceSeq`, across connections. */
export interface RunMessageBase {
  readonly job_name: string;
  readonly run_id: RunIdText;
  readonly root_run_id: RunIdText;
  readonly parent_run_id: RunIdText | null;
  /** Counts the run's history; the same as `seq` of `GET /runs/{id}/events`. */
  readonly seq: number;
  /** Position in the stream of all runs; give the newest back as `sinceSeq`. */
  readonly pos: string;
  readonly at: Instant;
  readonly state: RunState;
}

export type RunMessage = RunMessageBase &
  (
    | { readonly type: "job_submitted" }
    | { readonly type: "job_started"; readonly attempt: number; readonly worker: string | null }
    | { readonly type: "job_paused"; readonly by: string | null; readonly reason: string | null }
    | { readonly type: "job_resumed"; readonly by: string | null }
    | { readonly type: "job_completed"; readonly reason: RunReason | null; readonly duration_ms: number | null }
    | {
        readonly type: "job_error";
        readonly reason: RunReason | null;
        readonly code: string | null;
        readonly error_message: string;
      }
    | {
        readonly type: "job_retry_scheduled";
        readonly attempt: number;
        readonly due_at: Instant | null;
        readonly error_message: string;
      }
    /** Any other entry of the history, such as `lost`, `stop_requested`, `dataset_published`. */
    | { readonly type: "job_event"; readonly event: string; readonly data: unknown }
  );

/** Not part of the history: the newest counts, at most 4 a second for a run; `seq` is that of the last event. */
export interface ProgressMessage {
  readonly type: "job_progress";
  readonly job_name: string;
  readonly run_id: RunIdText;
  readonly root_run_id: RunIdText;
  readonly seq: number;
  readonly at: Instant;
  readonly percent: number | null;
  /** The same as `percent`. */
  readonly progress: number | null;
  readonly operation: string | null;
  readonly done: number | null;
  readonly total: number | null;
  readonly rate: number | null;
  readonly eta: Progress["eta"];
}

export type ServerMessage =
  | RunMessage
  | ProgressMessage
  /** Answers `subscribe`: from here on, `pos` counts. */
  | { readonly type: "subscribed"; readonly topic: Topic; readonly pos: string }
  | { readonly type: "unsubscribed"; readonly topic: Topic }
  /** State at `pos`; messages after it are patches to it. */
  | {
      readonly type: "snapshot";
      readonly topic: Topic;
      readonly pos: string;
      readonly jobs?: readonly JobOverview[];
      readonly runs?: readonly Run[];
    }
  /** All that comes before `pos` was sent, in all topics of the client. */
  | { readonly type: "position"; readonly pos: string }
  /** The client was too slow, or its `sinceSeq` too old: messages were left out. Fetch the state again and go on from `pos`. */
  | { readonly type: "resync"; readonly topic: Topic; readonly pos: string; readonly why: "slow" | "too_old" }
  /** The orchestrator was started, stopped or emergency-stopped; a job was paused as a whole; a schedule changed. */
  | { readonly type: "orchestrator_changed"; readonly claiming: boolean; readonly at: Instant }
  | { readonly type: "pong"; readonly at: Instant }
  | { readonly type: "error"; readonly code: string; readonly detail: string };
