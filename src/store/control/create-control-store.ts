// The part of the store port over scripts that takes what people ask of runs, jobs and the engine.
import type { ScriptRunner } from "../rows/script-runner.ts";
import { control } from "./control.ts";
import { controlEngine, engineState, listPausedJobs, listRequests } from "./control-engine.ts";
import type { ControlStore } from "./control-store.ts";
import { listHolders, listLimits, setLimits } from "./limits.ts";

/** What people ask of runs, jobs and the engine. */
export function createControlStore({ read, write, hint }: ScriptRunner): ControlStore {
  return {
    control: async (request) => {
      const result = await write(({ nowMs }) => control(request, nowMs));
      // What ended or was let go may have made others ready.
      if (result.changed > 0) hint("ready");
      hint("control");
      return result;
    },
    listRequests: (workerId) => read(() => listRequests(workerId)),
    listPausedJobs: () => read(listPausedJobs),
    controlEngine: async (request) => {
      const state = await write(({ nowMs }) => controlEngine(request, nowMs));
      hint(state.claiming ? "ready" : "control");
      return state;
    },
    engineState: () => read(engineState),
    setLimits: async (limits) => {
      await write(() => setLimits(limits));
      hint("ready");
    },
    listLimits: () => read(listLimits),
    listHolders: (gates, limit) => read(() => listHolders(gates, limit)),
  };
}
