// A run as a server tells it, in the shape that the printers of this folder take.
import type { Run } from "../../api/run.ts";
import { type ErrorCode, errorCodes } from "../../core/errors/error-codes.ts";
import type { ErrorRecord } from "../../core/errors/errors.ts";
import { parseRunId } from "../../core/run-id.ts";
import type { ProgressRecord, RunSummary } from "../../store/rows/run-records.ts";

/** What a server leaves out (the lease's epoch, the result in lists) is 0 and undefined. */
export function toRunSummary(run: Run): RunSummary {
  return {
    id: parseRunId(run.run_id),
    job: run.job_name,
    kind: run.kind,
    parentRunId: run.parent_run_id === null ? undefined : parseRunId(run.parent_run_id),
    rootRunId: parseRunId(run.root_run_id),
    state: run.state,
    reason: run.reason ?? undefined,
    attempt: run.attempt,
    epoch: 0,
    params: run.params,
    window: run.window ?? undefined,
    tenant: run.tenant,
    createdBy: run.created_by,
    createdAtMs: Date.parse(run.created_at),
    startedAtMs: toMs(run.started_at),
    attemptStartedAtMs: undefined,
    finishedAtMs: toMs(run.finished_at),
    runAtMs: toMs(run.due_at),
    result: undefined,
    error: toError(run.error),
    progress: toProgress(run),
  };
}

function toMs(instant: string | null): number | undefined {
  return instant === null ? undefined : Date.parse(instant);
}

function toProgress({ run_id, progress }: Run): ProgressRecord | undefined {
  if (progress === null) return undefined;
  const { done, total, operation } = progress;
  const known = { done: done ?? undefined, total: total ?? undefined, operation: operation ?? undefined };
  return { runId: parseRunId(run_id), ...known, atMs: 0 };
}

// Only what is printed is of interest; a server that is newer may have codes that this program does not know.
function toError(error: Run["error"]): ErrorRecord | undefined {
  if (error === null) return undefined;
  const code: ErrorCode = Object.hasOwn(errorCodes, error.code) ? (error.code as ErrorCode) : "INTERNAL";
  const [disposition, origin] = errorCodes[code];
  return {
    code,
    message: error.message,
    disposition,
    origin,
    ...(error.hint === null ? {} : { hint: error.hint }),
    ...(error.causes.length === 0 ? {} : { causes: error.causes }),
  };
}
