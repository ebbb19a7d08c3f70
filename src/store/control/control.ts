// Carries out what people ask of runs and jobs, in one transaction: it finds the runs, locks them where they are, and
// moves those whose state allows the action.
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import { applyTransition, type RunState, transitions } from "../../core/job/run-state.ts";
import type { ControlAction, ControlRequest, ControlResult } from "./control-store.ts";
import { run, type Script } from "../rows/script.ts";
import { forceStart } from "./control-force-start.ts";
import { pauseRuns, resumeRuns } from "./control-pause.ts";
import { rerunRuns } from "./control-rerun.ts";
import {
  type Asker,
  type ControlledRun,
  listFamily,
  listJobPauses,
  listUnfinished,
  lockRuns,
  takeControl,
} from "./control-runs.ts";
import { forceStop, stopOrAsk } from "./control-stop.ts";

/** @throws MillraceError `RUN_UNKNOWN` | `TRANSITION_INVALID` | `VALUE_INVALID` */
export function* control(request: ControlRequest, nowMs: number): Script<ControlResult> {
  const { action, target, by, reason } = request;
  const asker: Asker = { by, reason };
  yield* takeControl(nowMs);
  return "job" in target
    ? yield* controlJob(action, target.job, asker, nowMs)
    : yield* controlRun(action, target.runId, asker, nowMs);
}

function* controlRun(action: ControlAction, runId: RunId, asker: Asker, nowMs: number): Script<ControlResult> {
  const family = yield* listFamily([runId]);
  const runs = yield* lockRuns(family);
  const target = runs.find((candidate) => candidate.runId === runId);
  if (target === undefined) throw new MillraceError("RUN_UNKNOWN", `unknown run \`${formatRunId(runId)}\``);
  const result = yield* applyToRun(action, target, runs, asker, nowMs);
  // What fits none of the runs is refused in the words of the run that was named.
  if (result.changed + result.requested === 0) applyTransition(target.state, action);
  return result;
}

function* applyToRun(
  action: ControlAction,
  target: ControlledRun,
  runs: readonly ControlledRun[],
  asker: Asker,
  nowMs: number,
): Script<ControlResult> {
  switch (action) {
    case "rerun":
      return { changed: yield* rerunRuns(idsOf(runs), asker, nowMs), requested: 0 };
    case "pause":
    case "force_start": {
      // A failed run is given another try first.
      const isReopened = target.state === "ERROR" && (yield* rerunRuns(idsOf(runs), asker, nowMs)) > 0;
      const current = isReopened ? yield* lockRuns(idsOf(runs)) : runs;
      if (action === "pause") return yield* pauseRuns(allowed(action, current), { ...asker, cause: "run" }, nowMs);
      const again = current.find(({ runId }) => runId === target.runId) ?? target;
      return yield* forceStart(again, current, asker, nowMs);
    }
    case "resume":
      return yield* resumeRuns(runs, asker, nowMs);
    case "stop":
      return yield* stopOrAsk(allowed(action, runs), asker, nowMs);
    case "force_stop":
      return yield* forceStop(allowed(action, runs), asker, nowMs);
  }
}

function* controlJob(action: ControlAction, job: string, asker: Asker, nowMs: number): Script<ControlResult> {
  if (action === "force_start" || action === "rerun") {
    throw new MillraceError("VALUE_INVALID", `expected \`${action}\` to name a run, got job: \`${job}\``);
  }
  // First, so that runs submitted from now on find it. A job may be known to other processes only, so any name is taken.
  if (action === "pause") yield* savePause(job, asker, nowMs);
  if (action === "resume") yield* run("delete from paused_job where job = ?", job);
  const runs = yield* lockRuns(yield* listFamily(yield* listUnfinished(job)));
  switch (action) {
    case "pause":
      return yield* pauseRuns(allowed(action, runs), { ...asker, cause: "job" }, nowMs);
    case "resume": {
      const others = new Set((yield* listJobPauses(idsOf(runs))).map(({ runId }) => runId));
      const own = runs.filter((item) => causeOf(item) === "job" && !others.has(item.runId));
      return yield* resumeRuns(own, asker, nowMs);
    }
    case "stop":
      return yield* stopOrAsk(allowed(action, runs), asker, nowMs);
    case "force_stop":
      return yield* forceStop(allowed(action, runs), asker, nowMs);
  }
}

// A person who pauses a paused job again says something new about it.
function* savePause(job: string, { by, reason }: Asker, nowMs: number): Script<void> {
  yield* run(
    `insert into paused_job (job, paused_by, reason, at) values (?, ?, ?, ?) on conflict (job)
    do update set paused_by = excluded.paused_by, reason = excluded.reason, at = excluded.at`,
    job,
    by,
    reason ?? null,
    nowMs,
  );
}

// A run that was paused by itself, and not with its job, stays paused when the job goes on.
function causeOf({ place, request }: ControlledRun): "run" | "job" | undefined {
  return place.held === "parked" ? place.cause : request?.cause;
}

// Runs that ended are left alone: only `rerun` brings them back.
function allowed(action: ControlAction, runs: readonly ControlledRun[]): readonly ControlledRun[] {
  const from: readonly RunState[] = transitions[action].from;
  return runs.filter(({ state, place }) => place.held !== "outcome" && from.includes(state));
}

function idsOf(runs: readonly ControlledRun[]): readonly RunId[] {
  return runs.map(({ runId }) => runId);
}
