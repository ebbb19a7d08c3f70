// Looks at the store, the workers and the disks, and says in words what is wrong. Reads only.
import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Store } from "../../store/store.ts";
import type { BreakerRecord, StoreHealth } from "../../store/upkeep/upkeep-store.ts";

/** A file system that fills up. */
export interface DiskSpace {
  /** What lies there: `store`, `staging`. */
  readonly place: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface HealthServices {
  readonly store: Pick<Store, "readHealth" | "listBreakers">;
  readonly clock: Pick<Clock, "now">;
  readonly measureDisks: () => Promise<readonly DiskSpace[]>;
}

export interface HealthReport {
  readonly store: { readonly latencyMs: number; readonly clockSkewMs: number };
  readonly orchestrator: Omit<StoreHealth, "nowMs">;
  readonly openBreakers: readonly Pick<BreakerRecord, "name" | "state" | "probeAtMs" | "lastError">[];
  readonly disks: readonly DiskSpace[];
  /** One sentence for each; empty when all is well. */
  readonly problems: readonly string[];
}

/** What is later than this is late: far beyond the poll of a worker or a scheduler. */
const lateMs = 60_000;
const slowMs = 1_000;
/** Schedules are exact by the store's clock; logs and waits of a process go by its own. */
const skewMs = 30_000;
const leastFree = { bytes: 1_073_741_824, part: 0.05 };

/** @throws MillraceError `STORE_UNAVAILABLE` when the store cannot be reached: then nothing else can be told */
export async function checkHealth({ store, clock, measureDisks }: HealthServices): Promise<HealthReport> {
  const askedAtMs = clock.now();
  const { nowMs, ...orchestrator } = await store.readHealth({ lateMs });
  const answeredAtMs = clock.now();
  const latencyMs = Math.max(0, answeredAtMs - askedAtMs);
  // The answer was made somewhere between the question and its arrival.
  const clockSkewMs = Math.round(nowMs - (askedAtMs + latencyMs / 2));
  const openBreakers = (await store.listBreakers())
    .filter(({ state }) => state !== "closed")
    .map(({ name, state, probeAtMs, lastError }) => ({ name, state, probeAtMs, lastError }));
  const disks = await measureDisks();
  const problems = [
    ...findStoreProblems(latencyMs, clockSkewMs),
    ...findOrchestratorProblems(orchestrator),
    ...openBreakers.map(
      ({ name, lastError }) => `connection \`${name}\` is failing: ${lastError ?? "no error is known"}`,
    ),
    ...disks.filter(isFull).map(describeDisk),
  ];
  return { store: { latencyMs, clockSkewMs }, orchestrator, openBreakers, disks, problems };
}

function findStoreProblems(latencyMs: number, clockSkewMs: number): string[] {
  const problems: string[] = [];
  if (latencyMs > slowMs) problems.push(`the store took ${formatDuration(latencyMs)} to answer`);
  // Half of a slow answer is no skew.
  if (Math.abs(clockSkewMs) > skewMs + latencyMs) {
    const direction = clockSkewMs > 0 ? "behind" : "ahead of";
    problems.push(
      `the clock of this machine is ${formatDuration(Math.abs(clockSkewMs))} ${direction} that of the store`,
    );
  }
  return problems;
}

function findOrchestratorProblems(orchestrator: HealthReport["orchestrator"]): string[] {
  const { isClaiming, workers, deadLeases, lateRuns, lateSchedules } = orchestrator;
  const problems: string[] = [];
  if (!isClaiming) problems.push("the orchestrator is stopped: workers take no new runs");
  // One look may fall between a death and its cure; the report tells how many all the same.
  if (deadLeases > 0) problems.push(`${count(deadLeases, "run")} held by dead workers`);
  if (workers === 0) problems.push("no worker is in service");
  if (lateRuns > 0) problems.push(`${count(lateRuns, "run")} due for more than ${formatDuration(lateMs)}`);
  if (lateSchedules > 0) {
    problems.push(
      `${count(lateSchedules, "schedule")} late by more than ${formatDuration(lateMs)}: is a server running whose project has them?`,
    );
  }
  return problems;
}

function isFull({ freeBytes, totalBytes }: DiskSpace): boolean {
  return freeBytes < leastFree.bytes && freeBytes < totalBytes * leastFree.part;
}

function describeDisk({ place, freeBytes, totalBytes }: DiskSpace): string {
  const percent = totalBytes === 0 ? 0 : Math.floor((100 * freeBytes) / totalBytes);
  return `the disk of \`${place}\` has ${Math.floor(freeBytes / 1_048_576)} MiB left (${percent} %)`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? " is" : "s are"}`;
}
