// Measures how soon the runs of a killed worker were taken back, and how soon they ran elsewhere.
import type { StoreContents } from "./store-contents.ts";
import type { Hurt } from "./fleet.ts";
import type { Disturbance } from "./faults/fault-injector.ts";

export interface Percentiles {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

export interface Recovery {
  /** The figures are of kills after which nothing else was wrong until the run was taken back; this is the longest of all. */
  readonly longestOfAllMs: number;
  /** From the kill to the end of the lease, when the others could ask the system about the process. */
  readonly takenBackLocally: Percentiles | undefined;
  /** The same when only the lease told. */
  readonly takenBackByLease: Percentiles | undefined;
  /** From the kill to the next start, of runs that come before all others: the wait in the queue is not counted. */
  readonly runningElsewhere: Percentiles | undefined;
  /** Attempts that were lost although nobody hurt their process: the store or the way to it was away for a lease, or clocks were wrong. */
  readonly lostAlive: number;
}

/** How long a disturbance still tells after it is over, through waits between attempts to reach the store. */
const settlingMs = 2_000;

/** @param disturbances times in which something other than processes was wrong */
export function measureRecovery(
  contents: StoreContents,
  hurts: readonly Hurt[],
  disturbances: readonly Disturbance[],
): Recovery {
  const pids = new Map(contents.workers.map(({ id, pid }) => [id, pid]));
  const hurtsByPid = Map.groupBy(hurts, ({ pid }) => pid);
  const jobs = new Map(contents.runs.map(({ id, job }) => [id, job]));
  const starts = new Map(contents.attempts.map(({ run, epoch, startedAtMs }) => [`${run}/${epoch}`, startedAtMs]));
  const local: number[] = [];
  const byLease: number[] = [];
  const elsewhere: number[] = [];
  let [lostAlive, longestOfAllMs] = [0, 0];
  for (const attempt of contents.attempts) {
    if (attempt.end !== "lost") continue;
    const own = hurtsByPid.get(pids.get(attempt.worker) ?? -1) ?? [];
    if (!own.some(({ atMs }) => atMs <= attempt.endedAtMs)) lostAlive += 1;
    const kill = own.find(({ how }) => how === "SIGKILL" || how === "own");
    // One that was stopped, terminated or cut off before it was killed was lost to that.
    if (kill === undefined || own.length > 1 || kill.atMs > attempt.endedAtMs) continue;
    longestOfAllMs = Math.max(longestOfAllMs, attempt.endedAtMs - kill.atMs);
    if (disturbances.some(({ fromMs, toMs }) => fromMs < attempt.endedAtMs && toMs + settlingMs > kill.atMs)) continue;
    (kill.isForeign ? byLease : local).push(attempt.endedAtMs - kill.atMs);
    const next = starts.get(`${attempt.run}/${attempt.epoch + 1}`);
    if (jobs.get(attempt.run) === "urgent" && next !== undefined) elsewhere.push(next - kill.atMs);
  }
  return {
    longestOfAllMs,
    takenBackLocally: toPercentiles(local),
    takenBackByLease: toPercentiles(byLease),
    runningElsewhere: toPercentiles(elsewhere),
    lostAlive,
  };
}

function toPercentiles(values: readonly number[]): Percentiles | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return sorted.length === 0
    ? undefined
    : { count: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: sorted.at(-1) ?? 0 };
}
