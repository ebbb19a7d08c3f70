// Where calls take effect: hands each to the real store, tells the model what became of it, and writes the trace.
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import type {
  CheckpointVersion,
  ClaimedRun,
  Fence,
  Settlement,
  SettleResult,
  Submission,
  SubmitResult,
  StepRecord,
  UnitRecord,
  WorkerId,
  WorkerRegistration,
} from "../../../src/store/rows/run-records.ts";
import type { ClaimRequest } from "../../../src/store/claim/work-store.ts";
import type { ControlRequest, OrchestratorRequest } from "../../../src/store/control/control-store.ts";
import { auditControl, auditOrchestrator, auditSubmission } from "../model/control-audit.ts";
import type { OrchestratorModel } from "../model/orchestrator-model.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulationTrace } from "./simulation-trace.ts";
import type { StoreFile } from "./store-file.ts";
import type { Store } from "../../../src/store/store.ts";
import type { StoreChange } from "../../../src/store/rows/change-emitter.ts";

export interface ObservedStoreOptions {
  readonly store: Store;
  readonly file: StoreFile;
  readonly now: () => number;
  readonly model: OrchestratorModel;
  readonly trace: SimulationTrace;
  readonly change: (change: StoreChange) => void;
  /** Slots of the worker that lives in this process. */
  readonly slotsOf: (caller: SimulatedProcess) => number;
}

type Observe = (call: ObservedCall) => string | undefined;

/** A call that took effect, with what came of it. */
interface ObservedCall {
  readonly model: OrchestratorModel;
  readonly caller: SimulatedProcess;
  readonly file: StoreFile;
  readonly nowMs: number;
  readonly slots: number;
  readonly parameters: readonly unknown[];
  readonly result: unknown;
}

/** The store as the far end of the network. */
export class ObservedStore {
  readonly #options: ObservedStoreOptions;

  constructor(options: ObservedStoreOptions) {
    this.#options = options;
  }

  async apply(caller: SimulatedProcess, method: string, parameters: readonly unknown[]): Promise<unknown> {
    const { store, file, now, model, trace, change, slotsOf } = this.#options;
    const call = (store as unknown as Record<string, (...given: readonly unknown[]) => Promise<unknown>>)[method];
    if (call === undefined) throw new MillraceError("INTERNAL", `the store has no \`${method}\``);
    try {
      const result = await call.apply(store, [...parameters]);
      const line = observers[method]?.({
        model,
        caller,
        file,
        nowMs: now(),
        slots: slotsOf(caller),
        parameters,
        result,
      });
      if (line !== undefined) trace.add(caller.name, `${method} ${line}`);
      if (readying[method]?.(result) === true) change("ready");
      if (controlling.has(method)) change("control");
      return result;
    } catch (error) {
      const code = error instanceof MillraceError ? error.code : String(error);
      if (fencedWrites.has(method)) model.wrote(method, parameters[0] as Fence, code === "RUN_LOST");
      trace.add(caller.name, `${method} threw ${code}`);
      if (code !== "RUN_LOST" && !expectedCodes.has(code)) {
        const text = error instanceof Error ? (error.stack ?? error.message) : code;
        model.object("store", `${method} failed without a fault: ${text}`);
      }
      throw error;
    }
  }
}

/** Whether a call may have made runs ready, by what it returned. */
const readying: Readonly<Record<string, (result: unknown) => boolean>> = {
  submit: (result) => (result as SubmitResult).created,
  settle: (result) => (result as SettleResult).readied > 0,
  reap: (result) => (result as readonly RunId[]).length > 0,
  promote: (result) => result !== 0,
  retireWorker: () => true,
  control: () => true,
  setLimits: () => true,
};
const controlling: ReadonlySet<string> = new Set(["control", "switchOrchestrator", "setLimits"]);
const fencedWrites: ReadonlySet<string> = new Set(["saveCheckpoint", "saveUnits", "appendEvents", "spawn"]);
const expectedCodes: ReadonlySet<string> = new Set(["RUN_UNKNOWN", "TRANSITION_INVALID"]);

const observers: Readonly<Record<string, Observe>> = {
  submit: ({ model, file, nowMs, parameters: [submission], result }) => {
    const { rootRunId, runIds, created } = result as SubmitResult;
    model.submitted(submission as Submission, result as SubmitResult);
    auditSubmission(model, file, nowMs);
    return created ? `r${rootRunId}+${runIds.length - 1}` : `r${rootRunId} again`;
  },
  control: ({ model, file, nowMs, parameters: [request] }) => {
    const { action, target } = request as ControlRequest;
    auditControl(model, file, request as ControlRequest, nowMs);
    return `${action} ${"job" in target ? target.job : `r${target.runId}`}`;
  },
  switchOrchestrator: ({ model, file, nowMs, parameters: [request] }) => {
    auditOrchestrator(model, file, request as OrchestratorRequest, nowMs);
    return (request as OrchestratorRequest).action;
  },
  setLimits: ({ model, parameters: [limits] }) => {
    const given = limits as readonly { gate: string; capacity: number }[];
    for (const { gate, capacity } of given) model.capacities.set(gate, capacity);
    return given.map(({ gate, capacity }) => `${gate}=${capacity}`).join(" ");
  },
  registerWorker: ({ model, slots, parameters: [registration], result }) => {
    const { name, ttlMs } = registration as WorkerRegistration;
    model.registered(result as WorkerId, name, slots, ttlMs);
    return `worker ${String(result)}`;
  },
  retireWorker: ({ model, parameters: [workerId] }) => {
    model.retired(workerId as WorkerId);
    return `worker ${String(workerId)}`;
  },
  claim: ({ model, parameters: [request], result }) => {
    const runs = result as readonly ClaimedRun[];
    model.claimed(request as ClaimRequest, runs);
    if (runs.length === 0) return undefined;
    return `by ${(request as ClaimRequest).workerId}: ${runs.map(({ runId, epoch }) => `r${runId}@${epoch}`).join(" ")}`;
  },
  settle: ({ model, caller, parameters: [settlements], result }) => {
    const { lostRunIds } = result as SettleResult;
    const lost = new Set(lostRunIds);
    for (const { runId, epoch } of settlements as readonly Settlement[]) {
      model.assertPrompt({ runId, epoch }, caller.troubledAtMs);
    }
    model.settled(settlements as readonly Settlement[], lostRunIds);
    return (settlements as readonly Settlement[])
      .map(({ runId, epoch, end }) => `r${runId}@${epoch} ${end}${lost.has(runId) ? " lost" : ""}`)
      .join(", ");
  },
  reap: ({ model, parameters: [request], result }) => {
    const runIds = result as readonly RunId[];
    const { deadWorkerIds, maxLosses } = request as { deadWorkerIds: readonly WorkerId[]; maxLosses: number };
    model.reaped(runIds, deadWorkerIds, maxLosses);
    return runIds.length === 0 ? undefined : runIds.map((runId) => `r${runId}`).join(" ");
  },
  promote: ({ result }) => (result === 0 ? undefined : String(result)),
  saveCheckpoint: ({ model, parameters: [fence, data] }) => {
    const run = model.wrote("checkpoint", fence as Fence, false);
    if (run !== undefined) run.checkpoint = JSON.stringify(data);
    return `${describeFence(fence)} ${JSON.stringify(data)}`;
  },
  loadCheckpoints: ({ model, parameters: [runId], result }) => {
    const newest = (result as readonly CheckpointVersion[])[0];
    const data = newest === undefined ? undefined : JSON.stringify(newest.data);
    const expected = model.runs.get(runId as RunId)?.checkpoint;
    if (data !== expected) model.object("P1", `r${String(runId)} loads checkpoint ${data}, saved was ${expected}`);
    return undefined;
  },
  saveUnits: ({ model, parameters: [fence, units] }) => {
    const run = model.wrote("units", fence as Fence, false);
    for (const { loop = "", key: own, state } of units as readonly UnitRecord[]) {
      const key = `${loop} ${own}`;
      if (run === undefined || state !== "done") continue;
      if (run.units.has(key)) model.object("P4", `${key} of r${run.id} was done twice`);
      run.units.add(key);
    }
    return `${describeFence(fence)} ${(units as readonly UnitRecord[]).map(({ key }) => key).join(" ")}`;
  },
  saveSteps: ({ model, parameters: [steps], result }) => {
    const lost = new Set(result as readonly RunId[]);
    const accepted = (steps as readonly StepRecord[]).filter(({ runId }) => !lost.has(runId));
    for (const { runId, epoch, name } of accepted) {
      const run = model.wrote("step", { runId, epoch }, false);
      if (run?.steps.has(name) === true) model.object("P4", `${name} of r${run.id} was done twice`);
      run?.steps.add(name);
    }
    return accepted.map((step) => `${describeFence(step)} ${step.name}`).join(" ");
  },
  loadStep: ({ model, parameters: [runId, name], result }) => {
    const isKnown = model.runs.get(runId as RunId)?.steps.has(name as string) === true;
    if (isKnown !== (result !== undefined))
      model.object("P1", `${String(name)} of r${String(runId)} was ${isKnown ? "forgotten" : "never saved"}`);
    return undefined;
  },
  appendEvents: ({ model, parameters: [fence] }) => {
    model.wrote("events", fence as Fence, false);
    return describeFence(fence);
  },
};

function describeFence(fence: unknown): string {
  const { runId, epoch } = fence as Fence;
  return `r${runId}@${epoch}`;
}
