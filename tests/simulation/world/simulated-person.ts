// People at work: they pause, stop, force and rerun runs and jobs, change limits and stop the orchestrator, and in the end put
// right what they set aside.
import type { RunId } from "../../../src/core/run-id.ts";
import type { ControlAction, ControlRequest } from "../../../src/store/control/control-store.ts";
import type { OrchestratorModel } from "../model/orchestrator-model.ts";
import { jobNames } from "./scripted-job.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulationRandom } from "./simulation-random.ts";
import type { Store } from "../../../src/store/store.ts";

export interface SimulatedPersonOptions {
  readonly process: SimulatedProcess;
  readonly store: Store;
  readonly random: SimulationRandom;
  /** Only to know which runs there are. */
  readonly model: OrchestratorModel;
  readonly gates: readonly string[];
}

const runActions: readonly ControlAction[] = ["pause", "resume", "stop", "force_stop", "force_start", "rerun"];
const jobActions: readonly ControlAction[] = ["pause", "resume", "pause", "resume", "stop", "force_stop"];

/** Sets the first limits, then acts at random until `untilMs` from now. */
export function startPerson(options: SimulatedPersonOptions, untilMs: number): void {
  const { process, store, random, gates } = options;
  const meanMs = random.durationMs(1_500, 20_000);
  void attempt(() => store.setLimits(gates.map((gate) => ({ gate, capacity: random.integer(1, 3) }))));
  const next = (passedMs: number): void => {
    const waitMs = 1 + random.next() * 2 * meanMs;
    if (passedMs + waitMs > untilMs) return;
    process.after(waitMs, () => {
      void attempt(() => act(options));
      next(passedMs + waitMs);
    });
  };
  next(0);
}

/** Lets the orchestrator work again and puts back all that was set aside; the limits stay. */
export async function putRight({ store, model, process }: SimulatedPersonOptions): Promise<void> {
  await insist(process, () => store.switchOrchestrator({ action: "start", by: "person" }));
  for (const job of [...jobNames, "graph"]) await insist(process, () => store.control(toRequest("resume", { job })));
  for (const { id, place, asked } of model.live) {
    if (place === "parked" || asked?.action === "pause")
      await insist(process, () => store.control(toRequest("resume", { runId: id })));
  }
}

async function act({ store, random, model, gates }: SimulatedPersonOptions): Promise<void> {
  const dice = random.next();
  if (dice < 0.1 && gates.length > 0) {
    await store.setLimits([{ gate: random.pick(gates), capacity: random.integer(1, 3) }]);
  } else if (dice < 0.2) {
    await store.switchOrchestrator({ action: random.pick(["start", "start", "stop", "emergency_stop"]), by: "person" });
  } else if (dice < 0.4) {
    await store.control(toRequest(random.pick(jobActions), { job: random.pick([...jobNames, "graph"]) }));
  } else {
    // People look at what executes more than at what is over.
    const executing = model.live.filter(({ lease }) => lease !== undefined);
    const runIds = executing.length > 0 && random.chance(0.5) ? executing.map(({ id }) => id) : [...model.runs.keys()];
    if (runIds.length > 0) await store.control(toRequest(random.pick(runActions), { runId: random.pick(runIds) }));
  }
}

function toRequest(action: ControlAction, target: { runId: RunId } | { job: string }): ControlRequest {
  return { action, target, by: "person" };
}

// A person sees the error and goes on.
async function attempt(work: () => Promise<unknown>): Promise<void> {
  await work().catch(() => undefined);
}

async function insist(process: SimulatedProcess, work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "TRANSITION_INVALID") return;
      await process.clock.sleep(300);
    }
  }
}
