// Works out what the end of runs means for those that wait for them, in the model's own way: by looking at all upstream
// runs of a dependant instead of counting.
import type { RunId } from "../../../src/core/run-id.ts";
import type { ModelRun } from "./model-run.ts";

export interface EndedModelRun {
  readonly run: ModelRun;
  readonly verdict: "finished" | "skipped" | "failed";
}

/** Ends or frees the dependants of these runs, and theirs in turn. */
export function settleGraph(runs: ReadonlyMap<RunId, ModelRun>, ended: readonly EndedModelRun[], nowMs: number): void {
  for (let wave: readonly EndedModelRun[] = ended; wave.length > 0;) {
    const dependants = new Map<RunId, ModelRun>();
    for (const { run } of wave) {
      for (const { id } of run.downstream) {
        const dependant = runs.get(id);
        if (dependant?.place === "waiting") dependants.set(id, dependant);
      }
    }
    const dooms = [...dependants.values()].map((run) => ({ run, verdict: judge(run, wave) }));
    wave = dooms.flatMap(({ run, verdict }) => {
      if (verdict === undefined) return [];
      run.place = "ended";
      run.end =
        verdict === "failed"
          ? { state: "ERROR", reason: "upstream_failed", epoch: run.epoch }
          : { state: "FINISHED", reason: "skipped", epoch: run.epoch };
      return [{ run, verdict }];
    });
    for (const run of dependants.values()) {
      if (run.place !== "waiting") continue;
      if (!run.upstream.every(({ id }) => runs.get(id)?.place === "ended")) continue;
      if (letGo(run, nowMs) === "ended") wave = [...wave, { run, verdict: "failed" }];
    }
  }
}

// Carries out what a person asked of the run while it waited.
function letGo(run: ModelRun, nowMs: number): ModelRun["place"] {
  const asked = run.asked?.action;
  run.asked = undefined;
  run.place = asked === "pause" ? "parked" : asked === "stop" ? "ended" : "free";
  if (asked === "stop") run.end = { state: "ERROR", reason: "stopped", epoch: run.epoch };
  run.dueAtMs = Math.max(run.dueAtMs, nowMs);
  return run.place;
}

// A dependant is doomed by a parent that just ended badly, unless its edge says to go on.
function judge(dependant: ModelRun, wave: readonly EndedModelRun[]): "skipped" | "failed" | undefined {
  let doom: "skipped" | "failed" | undefined;
  for (const { run, verdict } of wave) {
    if (verdict === "finished") continue;
    const policy = dependant.upstream.find(({ id }) => id === run.id)?.policy;
    if (policy === undefined || policy === "continue") continue;
    if (verdict === "failed" && policy === "cancel") return "failed";
    doom = "skipped";
  }
  return doom;
}
