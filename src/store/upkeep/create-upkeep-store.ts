// The rest of the store port over scripts: control, schedules and upkeep. See script-store.ts.
import { findBreaker, listBreakers, saveBreaker } from "./breakers.ts";
import { takeCadence } from "./cadences.ts";
import { control } from "../control/control.ts";
import { controlEngine, engineState, listPausedJobs, listRequests } from "../control/control-engine.ts";
import { readClockMs, readHealth } from "./health.ts";
import { removeHistory } from "./history.ts";
import { listHolders, listLimits, setLimits } from "../control/limits.ts";
import { jobStatistics } from "./statistics.ts";
import { readOwner, takeStore } from "./store-owner.ts";
import { verify } from "../verify/verify.ts";
import { findWaitFacts } from "./wait-facts.ts";
import type { ControlStore } from "../control/control-store.ts";
import type { ScriptRunner } from "../script-store.ts";
import type { UpkeepStore } from "./upkeep-store.ts";

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

/** What keeps the store healthy and explains it. */
export function createUpkeepStore({ read, write, hint }: ScriptRunner): Omit<UpkeepStore, "tidy"> {
  return {
    verify: () => read(verify),
    // The usual case takes no lock.
    takeStore: async (project) => (await read(readOwner)) ?? (await write(({ nowMs }) => takeStore(project, nowMs))),
    takeCadence: (name, everyMs) => write(({ nowMs }) => takeCadence(name, everyMs, nowMs)),
    removeHistory: (request) => write(() => removeHistory(request)),
    readClockMs: () => read(readClockMs),
    readHealth: ({ lateMs }) => read((now) => readHealth(lateMs, now)),
    findBreaker: (name) => read(() => findBreaker(name)),
    listBreakers: () => read(listBreakers),
    saveBreaker: async (breaker) => {
      const saved = await write(() => saveBreaker(breaker));
      if (saved) hint("ready");
      return saved;
    },
    jobStatistics: (request) => read(() => jobStatistics(request)),
    findWaitFacts: (runId) => read((now) => findWaitFacts(runId, now)),
  };
}
