// The end of a world: nothing hangs, the store finds itself sound, and holds exactly what the model believes.
import type { RunId } from "../../../src/core/run-id.ts";
import type { OrchestratorModel } from "./orchestrator-model.ts";
import type { ModelRun } from "./model-run.ts";
import type { SimulationTrace } from "../world/simulation-trace.ts";
import type { StoreFile } from "../world/store-file.ts";

interface PlacedRun {
  readonly runId: RunId;
  readonly held: string;
  readonly epoch: number;
  readonly reason: string | null;
}

const placesSql = `select run_id as "runId", 'waiting' as held, epoch, null as reason from waiting
  union all select run_id, 'free', epoch, null from scheduled union all select run_id, 'free', epoch, null from ready
  union all select run_id, 'parked', epoch, null from parked union all select run_id, 'leased', epoch, null from lease
  union all select run_id, state, epoch, reason from outcome`;

/** Adds what is wrong to the model's violations. */
export async function checkEnd(model: OrchestratorModel, file: StoreFile, trace: SimulationTrace): Promise<void> {
  for (const { invariant, message } of await file.store.verify()) model.object(invariant, `verify: ${message}`);
  const placed = new Map(file.all<PlacedRun>(placesSql).map((row) => [row.runId, row]));
  for (const run of model.runs.values()) compare(model, run, placed.get(run.id));
  for (const run of model.live) {
    if (!model.isWaitingForTime(run)) model.object("P2", `r${run.id} hangs: ${describe(run)}`);
  }
  for (const run of model.runs.values()) trace.add("end", `r${run.id} ${describe(run)}`);
}

function compare(model: OrchestratorModel, run: ModelRun, row: PlacedRun | undefined): void {
  const held = row?.held ?? "nowhere";
  const reason = row?.reason ?? undefined;
  const actual = reason === undefined ? held : `${held} (${reason})`;
  const place = run.end === undefined ? run.place : run.end.state;
  const expected = run.end?.reason === undefined ? place : `${place} (${run.end.reason})`;
  if (actual !== expected) model.object("I3", `r${run.id} is ${actual} in the store, and should be ${expected}`);
  if (row !== undefined && row.epoch !== run.epoch)
    model.object("I2", `r${run.id} has epoch ${row.epoch} in the store, and should have ${run.epoch}`);
}

function describe(run: ModelRun): string {
  const end = run.end === undefined ? run.place : `${run.end.state} ${run.end.reason ?? ""}`.trim();
  return `${end}, epoch ${run.epoch}, attempts ${run.attempts}, losses ${run.losses}`;
}
