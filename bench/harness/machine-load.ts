// Measures how much of the machine other processes used during a measurement: this is the measure of noise. The load
// average cannot tell, because it counts the bench itself.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** A moment to measure from. */
export interface LoadMark {
  readonly atMs: number;
  readonly busyTicks: number;
  readonly ownTicks: number;
}

export function markLoad(): LoadMark {
  return { atMs: performance.now(), busyTicks: readBusyTicks(), ownTicks: readOwnTicks() };
}

/** Share (0–1) of all cores' time since `mark` that went to processes other than this one and its children, or was stolen. */
export function othersShareSince(mark: LoadMark): number {
  const now = markLoad();
  const othersTicks = now.busyTicks - mark.busyTicks - (now.ownTicks - mark.ownTicks);
  const allTicks = ((now.atMs - mark.atMs) / 1_000) * ticksPerSecond * availableParallelism();
  return Math.max(0, othersTicks / allTicks);
}

/** `USER_HZ`, the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** user, nice, system, irq, softirq and steal of all cores; not idle and iowait. */
function readBusyTicks(): number {
  const [first = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = first
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return user + nice + system + irq + softirq + steal;
}

/** utime, stime, cutime and cstime: this process and the children it has waited for. */
function readOwnTicks(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
}
