// A run as `--json` prints it: ids as `r42`, instants as ISO text, and null where there is nothing.
import type { ErrorRecord } from "../../core/errors/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { RunReason, RunState } from "../../core/job/run-state.ts";
import type { Window } from "../../core/schedule/window.ts";
import type { Json, RunKind, RunSummary } from "../../store/rows/run-records.ts";
import { toIso } from "./format-time.ts";

/** Fields are only ever added; a change of meaning is a new schema number of the verb. */
export interface RunJson {
  readonly run: string;
  readonly job: string;
  readonly kind: RunKind;
  readonly parent: string | null;
  readonly state: RunState;
  readonly reason: RunReason | null;
  readonly attempt: number;
  readonly params: Json;
  readonly window: Window | null;
  readonly tenant: string;
  readonly createdBy: string;
  readonly createdAt: string | null;
  /** Start of the newest attempt. */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** When a waiting run is due. */
  readonly dueAt: string | null;
  readonly durationMs: number | null;
  readonly progress: {
    readonly done: number | null;
    readonly total: number | null;
    readonly operation: string | null;
  } | null;
  readonly result: Json;
  readonly error: ErrorRecord | null;
}

/** The stable shape of a run. */
export function toRunJson(run: RunSummary): RunJson {
  const { startedAtMs, finishedAtMs, progress } = run;
  return {
    run: formatRunId(run.id),
    job: run.job,
    kind: run.kind,
    parent: run.parentRunId === undefined ? null : formatRunId(run.parentRunId),
    state: run.state,
    reason: run.reason ?? null,
    attempt: run.attempt,
    params: run.params,
    window: run.window ?? null,
    tenant: run.tenant,
    createdBy: run.createdBy,
    createdAt: toIso(run.createdAtMs),
    startedAt: toIso(startedAtMs),
    finishedAt: toIso(finishedAtMs),
    dueAt: toIso(run.runAtMs),
    durationMs: startedAtMs === undefined || finishedAtMs === undefined ? null : finishedAtMs - startedAtMs,
    progress:
      progress === undefined
        ? null
        : { done: progress.done ?? null, total: progress.total ?? null, operation: progress.operation ?? null },
    result: run.result ?? null,
    error: run.error ?? null,
  };
}
