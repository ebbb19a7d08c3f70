// The part of the store port over scripts that keeps the store healthy and explains it.
import { findBreaker, listBreakers, saveBreaker } from "./breakers.ts";
import { takeCadence } from "./cadences.ts";
import { readClockMs, readHealth } from "./health.ts";
import { removeHistory } from "./history.ts";
import { jobStatistics } from "./statistics.ts";
import { readOwner, takeStore } from "./store-owner.ts";
import { verify } from "../verify/verify.ts";
import { findWaitFacts } from "./wait-facts.ts";
import type { ScriptRunner } from "../rows/script-runner.ts";
import type { UpkeepStore } from "./upkeep-store.ts";

/** What keeps the store healthy and explains it. */
export function createUpkeepStore({ read, write, announce }: ScriptRunner): Omit<UpkeepStore, "tidy"> {
  return {
    verify: () => read(verify),
    // The usual case takes no lock.
    takeStore: async (asking) => (await read(readOwner)) ?? (await write(({ nowMs }) => takeStore(asking, nowMs))),
    takeCadence: (name, everyMs) => write(({ nowMs }) => takeCadence(name, everyMs, nowMs)),
    removeHistory: (request) => write(() => removeHistory(request)),
    readClockMs: () => read(readClockMs),
    readHealth: ({ lateMs }) => read((now) => readHealth(lateMs, now)),
    findBreaker: (name) => read(() => findBreaker(name)),
    listBreakers: () => read(listBreakers),
    saveBreaker: async (breaker) => {
      const saved = await write(() => saveBreaker(breaker));
      if (saved) announce("ready");
      return saved;
    },
    jobStatistics: (request) => read(() => jobStatistics(request)),
    findWaitFacts: (runId) => read((now) => findWaitFacts(runId, now)),
  };
}
