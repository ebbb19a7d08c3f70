// What people asked for, checked against the rows: each run may only have moved as the action allows, and what the action
// promises must be true right after it. Where runs are now is then taken over into the model.
import type { RunId } from "../../../src/core/run-id.ts";
import type { ControlAction, ControlRequest, OrchestratorRequest } from "../../../src/store/control/control-store.ts";
import type { OrchestratorModel } from "./orchestrator-model.ts";
import type { ModelPlace, ModelRun } from "./model-run.ts";
import type { StoreFile } from "../world/store-file.ts";

interface PlaceRow {
  readonly runId: RunId;
  readonly place: ModelPlace;
  readonly epoch: number;
  readonly attempt: number;
  readonly dueAtMs: number | null;
  readonly state: "FINISHED" | "ERROR" | null;
  readonly reason: string | null;
}

const placeRows = `select run_id as "runId", 'waiting' as place, epoch, attempt, run_at as "dueAtMs", null as state, null as reason from waiting
  union all select run_id, 'free', epoch, attempt, run_at, null, null from scheduled
  union all select run_id, 'free', epoch, attempt, null, null, null from ready
  union all select run_id, 'parked', epoch, attempt, run_at, null, null from parked
  union all select run_id, 'leased', epoch, attempt, null, null, null from lease
  union all select run_id, 'ended', epoch, attempt, null, state, reason from outcome`;

type Move = `${ModelPlace}>${ModelPlace}`;

const endings: readonly Move[] = ["free>ended", "parked>ended", "waiting>ended", "waiting>free", "waiting>parked"];

// With a run its pipeline is opened again, which must then wait for it.
const reopenings: readonly Move[] = ["ended>free", "ended>waiting", "free>waiting", "leased>waiting", "parked>waiting"];

/** Moves that an action may make; a submission may be parked at once, because its job is paused. */
const allowedMoves: Readonly<Record<ControlAction | "orchestrator" | "submit", ReadonlySet<Move>>> = {
  // A failed run that is paused or forced is given another try first.
  pause: new Set<Move>([...reopenings, "free>parked", "ended>parked"]),
  resume: new Set<Move>(["parked>free"]),
  stop: new Set<Move>(endings),
  force_stop: new Set<Move>([...endings, "leased>ended"]),
  orchestrator: new Set<Move>([...endings, "leased>ended"]),
  force_start: new Set<Move>([...reopenings, "waiting>free", "parked>free"]),
  rerun: new Set<Move>([...reopenings, "ended>parked"]),
  submit: new Set<Move>(["free>parked"]),
};

/** After `control` took effect. */
export function auditControl(model: OrchestratorModel, file: StoreFile, request: ControlRequest, nowMs: number): void {
  const { action, target } = request;
  if ("job" in target && action === "pause") model.pausedJobs.add(target.job);
  if ("job" in target && action === "resume") model.pausedJobs.delete(target.job);
  takeOver(model, file, action, nowMs);
  const family = [...model.runs.values()].filter((run) => isTarget(model, run, target));
  for (const run of family) {
    const promise = broken(action, run, "job" in target);
    if (promise !== undefined) model.object("P9", `r${run.id} ${promise} right after ${action}`);
  }
}

/** After `switchOrchestrator` took effect. */
export function auditOrchestrator(
  model: OrchestratorModel,
  file: StoreFile,
  request: OrchestratorRequest,
  nowMs: number,
): void {
  model.isClaiming = request.action === "start";
  takeOver(model, file, "orchestrator", nowMs);
  const held = model.live.filter(({ place }) => place === "leased");
  if (request.action === "emergency_stop" && held.length > 0)
    model.object("P9", `r${held[0]?.id} is still leased after an emergency stop`);
}

/** After a submission while jobs were paused: where its runs are is not for the model to guess. */
export function auditSubmission(model: OrchestratorModel, file: StoreFile, nowMs: number): void {
  if (model.pausedJobs.size > 0) takeOver(model, file, "submit", nowMs);
}

function takeOver(model: OrchestratorModel, file: StoreFile, action: keyof typeof allowedMoves, nowMs: number): void {
  const requests = new Map(
    file
      .all<{ runId: RunId; action: "pause" | "stop" }>(`select run_id as "runId", action from request`)
      .map((row) => [row.runId, row.action]),
  );
  for (const row of file.all<PlaceRow>(placeRows)) {
    const run = model.runs.get(row.runId);
    if (run === undefined) continue;
    if (row.epoch !== run.epoch)
      model.object("I2", `r${run.id} has epoch ${row.epoch} after ${action}, had ${run.epoch}`);
    const asked = requests.get(run.id);
    run.asked = asked === undefined ? undefined : { action: asked, atMs: run.asked?.atMs ?? nowMs };
    if (action === "force_start" && run.place !== "leased") run.dueAtMs = row.dueAtMs ?? Math.min(run.dueAtMs, nowMs);
    if (row.place === run.place) continue;
    if (!allowedMoves[action].has(`${run.place}>${row.place}`))
      model.object("P2", `${action} moved r${run.id} from ${run.place} to ${row.place}`);
    if (row.place !== "leased") run.lease = undefined;
    if (run.kind === "job" && row.place !== "ended" && row.place !== "leased") run.attempts = row.attempt;
    if (run.place === "ended" && isKeyTaken(model, run)) run.runKey = undefined;
    run.place = row.place;
    run.dueAtMs = row.dueAtMs ?? Math.min(run.dueAtMs, nowMs);
    run.end = row.state === null ? undefined : { state: row.state, reason: row.reason ?? undefined, epoch: row.epoch };
  }
  model.recount();
}

// The key of an ended run is free for others. Opened again, it goes on without it when another has taken it meanwhile.
function isKeyTaken(model: OrchestratorModel, { runKey }: ModelRun): boolean {
  return runKey !== undefined && model.live.some((run) => run.runKey === runKey);
}

function isTarget(model: OrchestratorModel, run: ModelRun, target: ControlRequest["target"]): boolean {
  for (let up: ModelRun | undefined = run; up !== undefined;) {
    if ("job" in target ? up.job === target.job : up.id === target.runId) return true;
    up = up.parentId === undefined ? undefined : model.runs.get(up.parentId);
  }
  return false;
}

// What is not as the action promises, in words.
function broken(action: ControlAction, { place, asked }: ModelRun, isForJob: boolean): string | undefined {
  switch (action) {
    case "pause":
      return place === "free" ? "may still be claimed" : undefined;
    case "resume":
      return place === "parked" && !isForJob ? "is still set aside" : undefined;
    case "stop":
      return place === "ended" || asked?.action === "stop" ? undefined : `is still ${place}, and nobody is asked`;
    case "force_stop":
      return place === "ended" ? undefined : `is still ${place}`;
    case "force_start":
    case "rerun":
      return place === "parked" && action === "force_start" ? "is still set aside" : undefined;
  }
}
