// Decides whether a job came in time, purely from its rule and what the store knows. A run that failed has not come; one that
// a backfill made is of another day; a fire that was overlapped expects nothing of its own; and while a schedule is paused
// nothing new is expected.
import { type Expected, newestDue, nextExpected, type Sla } from "../../core/schedule/sla.ts";
import type { RunId } from "../../core/run-id.ts";
import type { DueExpectation, PunctualityFacts, Verdict } from "../../store/expectations/expectation-store.ts";

/** How often something that is late is looked at, to notice that it came. */
export const lateLookMs = 30_000;

const longestLookMs = 600_000;
/** When nobody knows a next time. */
const neverMs = Number.MAX_SAFE_INTEGER;

type Decision = Pick<Verdict, "state" | "expectedAtMs" | "dueAtMs" | "sinceMs" | "runId">;

/** The instant whose facts are needed to decide; `undefined` for a job that no time starts, and while none is due. */
export function dueInstant(sla: Sla, { expectedAtMs, seenAtMs }: DueExpectation): Expected | undefined {
  return sla.timing === null ? undefined : newestDue(sla, expectedAtMs, seenAtMs);
}

/** What holds of the rule now, and when to look again. */
export function decidePunctuality(sla: Sla, record: DueExpectation, facts: PunctualityFacts): Decision {
  if (sla.timing === null) return decideStarted(sla, record, facts);
  const due = dueInstant(sla, record);
  if (due === undefined) return { ...unchanged(record), dueAtMs: deadlineOf(sla, record.expectedAtMs) };
  if (facts.isPaused) return decidePaused(sla, record, facts);
  if (facts.fire?.decision === "overlapped")
    return record.state === "broken" ? stillBroken(record, record.expectedAtMs) : met(sla, due.fireAtMs);
  if (hasCome(facts, due.fireAtMs)) return met(sla, due.fireAtMs);
  return {
    ...stillBroken(record, due.fireAtMs),
    sinceMs: record.sinceMs ?? due.deadlineMs,
    runId: facts.fire?.runId ?? unfinishedSince(facts, due.fireAtMs),
  };
}

/** When a job without a time is looked at: a tenth of what it may take, from half a minute to ten minutes. */
export function startedLookMs({ finishWithinMs }: Sla): number {
  return Math.min(longestLookMs, Math.max(lateLookMs, (finishWithinMs ?? 0) / 10));
}

// What was late before stays so until it has finished; what would have come since is not expected.
function decidePaused(sla: Sla, record: DueExpectation, facts: PunctualityFacts): Decision {
  const isStillLate = record.state === "broken" && !finishedSince(facts, record.expectedAtMs);
  return isStillLate ? stillBroken(record, record.expectedAtMs) : met(sla, record.seenAtMs);
}

// Each run counts from when it was started, whoever started it.
function decideStarted(sla: Sla, record: DueExpectation, { runs }: PunctualityFacts): Decision {
  const { finishWithinMs } = sla;
  const { seenAtMs } = record;
  const late = runs.findLast(
    ({ state, createdAtMs }) => state === undefined && createdAtMs + (finishWithinMs ?? 0) <= seenAtMs,
  );
  if (late === undefined) {
    const dueAtMs = seenAtMs + startedLookMs(sla);
    return { state: "met", expectedAtMs: seenAtMs, dueAtMs, sinceMs: undefined, runId: undefined };
  }
  const sinceMs = late.createdAtMs + (finishWithinMs ?? 0);
  return { ...stillBroken(record, late.createdAtMs), sinceMs, runId: late.runId };
}

function hasCome(facts: PunctualityFacts, fireAtMs: number): boolean {
  return facts.fire?.isFinished === true || finishedSince(facts, fireAtMs);
}

// A run that a person started after the instant brings the same rows.
function finishedSince({ runs }: PunctualityFacts, atMs: number): boolean {
  return runs.some(({ state, createdAtMs }) => state === "FINISHED" && createdAtMs >= atMs);
}

function unfinishedSince({ runs }: PunctualityFacts, atMs: number): RunId | undefined {
  return runs.find(({ state, createdAtMs }) => state === undefined && createdAtMs >= atMs)?.runId;
}

function met(sla: Sla, afterMs: number): Decision {
  const next = nextExpected(sla, afterMs);
  return {
    state: "met",
    expectedAtMs: next?.fireAtMs ?? neverMs,
    dueAtMs: Math.min(next?.deadlineMs ?? neverMs, neverMs),
    sinceMs: undefined,
    runId: undefined,
  };
}

function stillBroken({ seenAtMs, sinceMs, runId }: DueExpectation, expectedAtMs: number): Decision {
  return { state: "broken", expectedAtMs, dueAtMs: seenAtMs + lateLookMs, sinceMs, runId };
}

function unchanged({ state, expectedAtMs, dueAtMs, sinceMs, runId }: DueExpectation): Decision {
  return { state, expectedAtMs, dueAtMs, sinceMs, runId };
}

function deadlineOf(sla: Sla, fireAtMs: number): number {
  return nextExpected(sla, fireAtMs - 1)?.deadlineMs ?? neverMs;
}
