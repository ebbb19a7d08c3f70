// The part of the store port over scripts that takes what people ask of runs, jobs and the orchestrator.
import type { ScriptRunner } from "../rows/script-runner.ts";
import { control } from "./control.ts";
import { switchOrchestrator, orchestratorState, listPausedJobs, listRequests } from "./switch-orchestrator.ts";
import type { ControlStore } from "./control-store.ts";
import { listHolders, listLimits, setLimits } from "./limits.ts";

/** What people ask of runs, jobs and the orchestrator. */
export function createControlStore({ read, write, announce }: ScriptRunner): ControlStore {
  return {
    control: async (request) => {
      const result = await write(({ nowMs }) => control(request, nowMs));
      // What ended or was let go may have made others ready.
      if (result.changed > 0) announce("ready");
      announce("control");
      return result;
    },
    listRequests: (workerId) => read(() => listRequests(workerId)),
    listPausedJobs: () => read(listPausedJobs),
    switchOrchestrator: async (request) => {
      const state = await write(({ nowMs }) => switchOrchestrator(request, nowMs));
      announce(state.claiming ? "ready" : "control");
      return state;
    },
    orchestratorState: () => read(orchestratorState),
    setLimits: async (limits) => {
      await write(() => setLimits(limits));
      announce("ready");
    },
    listLimits: () => read(listLimits),
    listHolders: (gates, limit) => read(() => listHolders(gates, limit)),
  };
}
