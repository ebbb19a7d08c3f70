// The part of the store port over scripts that keeps what is expected in time.
import type { ScriptRunner } from "../rows/script-runner.ts";
import { readFreshness, readPunctuality } from "./expectation-facts.ts";
import type { ExpectationStore } from "./expectation-store.ts";
import { applyVerdicts, findExpectations, listDueExpectations, listTurns, saveExpectations } from "./expectations.ts";

/** What is expected of jobs and datasets, and what came late. */
export function createExpectationStore({ read, write }: ScriptRunner): ExpectationStore {
  return {
    saveExpectations: (expectations) => write(({ nowMs }) => saveExpectations(expectations, nowMs)),
    listDueExpectations: (limit, after) => read(({ nowMs }) => listDueExpectations(limit, after, nowMs)),
    findExpectations: (kind, names) => read(() => findExpectations(kind, names)),
    readPunctuality: (questions) => read(() => readPunctuality(questions)),
    readFreshness: (datasets) => read(() => readFreshness(datasets)),
    applyVerdicts: (verdicts) => write(({ nowMs }) => applyVerdicts(verdicts, nowMs)),
    listTurns: (request) => read(() => listTurns(request)),
  };
}
