// Checkpoints of a job's runs, as people see and change them. What a person writes is a version like those of the run.
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import { all, idList, one, type Script } from "../rows/script.ts";
import type { CheckpointPut, JobCheckpointRecord } from "./state-store.ts";
import { appendEvents } from "../rows/append-events.ts";
import { insertCheckpoint, loadCheckpoints } from "../record/checkpoints.ts";
import { listUnfinished, lockRuns } from "../control/control-runs.ts";
import { fromFailuresOf } from "../rows/run-sources.ts";
import { findRuns } from "../rows/run-summaries.ts";

/** Failures that are looked at for checkpoints, the newest first. */
const lookedAtFailures = 1_000;

/** Lists checkpoints of unfinished runs and of the newest failures, newest run first. */
export function* listJobCheckpoints(job: string, limit: number): Script<JobCheckpointRecord[]> {
  const candidates = [...(yield* listUnfinished(job)), ...(yield* listNewestFailures(job))];
  const sql = "select distinct run_id as id from checkpoint where run_id in (ids ?) order by 1 desc limit ?";
  const rows = yield* all<{ id: RunId }>(sql, idList(candidates), Math.max(0, limit));
  const records: JobCheckpointRecord[] = [];
  for (const run of yield* findRuns(rows.map(({ id }) => id))) {
    records.push({ run, versions: yield* loadCheckpoints(run.id) });
  }
  return records;
}

/** @returns the new version. @throws MillraceError `RUN_UNKNOWN` | `TRANSITION_INVALID` | `VERSION_CONFLICT` */
export function* putCheckpoint(put: CheckpointPut, nowMs: number): Script<number> {
  const { runId, seenVersion, data, by, reason } = put;
  // No worker takes the run while its place is locked, so the next attempt reads what is written here.
  const [run] = yield* lockRuns([runId]);
  if (run === undefined) throw new MillraceError("RUN_UNKNOWN", `run does not exist: \`${formatRunId(runId)}\``);
  if (run.kind === "pipeline") throw refusal(runId, "is a pipeline, whose jobs have checkpoints of their own");
  if (run.place.held === "lease") throw refusal(runId, "executes and may save its own", "pause or stop it first");
  if (run.state === "FINISHED") throw refusal(runId, "has finished and reads no checkpoint any more");
  const epoch = (yield* one<{ epoch: number | null }>(
    "select max(epoch) as epoch from attempt_log where run_id = ?",
    runId,
  ))?.epoch;
  // The first attempt does not look for what an attempt before it may have left.
  if (epoch === undefined || epoch === null) throw refusal(runId, "has not executed yet and has nothing to go on from");
  const newest = (yield* loadCheckpoints(runId))[0]?.version ?? 0;
  if (newest !== seenVersion) throw versionConflict(put, newest);
  yield* insertCheckpoint({ runId, epoch, version: newest + 1, data }, nowMs);
  const event = { type: "checkpoint_changed", data: { by, reason, version: newest + 1 } };
  yield* appendEvents([{ runId, ...event }], nowMs);
  return newest + 1;
}

function* listNewestFailures(job: string): Script<readonly number[]> {
  const lanes = yield* all<{ id: number }>("select id from lane where job = ? order by id", job);
  if (lanes.length === 0) return [];
  const source = fromFailuresOf(lanes.map(({ id }) => id));
  return (yield* source({ from: 0, before: Number.MAX_SAFE_INTEGER }, lookedAtFailures)).ids;
}

function refusal(runId: RunId, why: string, hint?: string): MillraceError {
  const message = `checkpoint cannot be changed: run \`${formatRunId(runId)}\` ${why}`;
  return new MillraceError("TRANSITION_INVALID", message, hint === undefined ? {} : { hint });
}

function versionConflict({ runId, seenVersion }: CheckpointPut, version: number): MillraceError {
  const of = `checkpoint of run \`${formatRunId(runId)}\``;
  const message = `${of} is at version \`${version}\`, and the change was made for: \`${seenVersion}\``;
  return new MillraceError("VERSION_CONFLICT", message, {
    hint: "look at the newest version and decide again",
    details: { version },
  });
}
