// Says which process this is, and whether another process of this host still lives. Lets the work of a killed
// process be taken over at once, without waiting for its lease to expire.
import { existsSync, readFileSync } from "node:fs";
import { hostname, uptime } from "node:os";

/** Identity of a process that survives the reuse of its pid. */
export interface LocalProcess {
  readonly host: string;
  readonly bootId: string;
  readonly pid: number;
  /** Kernel start time; empty where the system does not tell. */
  readonly startTicks: string;
}

/** The identity of this process. */
export function currentProcess(): LocalProcess {
  return { host: hostname(), bootId: readBootId(), pid: process.pid, startTicks: readStartTicks(process.pid) ?? "" };
}

/** True only when the process is known to be gone; a process of another host is never judged. */
export function isProcessDead(other: LocalProcess): boolean {
  if (other.host !== hostname()) return false;
  if (other.bootId !== readBootId()) return true;
  if (!processExists(other.pid)) return true;
  const startTicks = readStartTicks(other.pid);
  return startTicks !== undefined && other.startTicks !== "" && startTicks !== other.startTicks;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to someone else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

// Field 22 of /proc/<pid>/stat; the command in field 2 may hold spaces and parentheses. A zombie is dead.
function readStartTicks(pid: number): string | undefined {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  try {
    const stat = readFileSync(path, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "zombie" : fields[19];
  } catch {
    // It ended between the two looks.
    return undefined;
  }
}

// Linux names each boot; elsewhere the hour of the boot is near enough, since pids are compared too.
function readBootId(): string {
  const path = "/proc/sys/kernel/random/boot_id";
  if (existsSync(path)) return readFileSync(path, "utf8").trim();
  return `boot-${Math.round((Date.now() / 1000 - uptime()) / 3600)}`;
}
