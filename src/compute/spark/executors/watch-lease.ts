// The thread of a process on an executor that ends it, whatever its main thread computes: when the job was stopped, when nobody waits for
// it any more, or when the executor is gone. Spark kills no children, so a child that lived on would hold its slot for ever.
import { existsSync, readFileSync, writeSync } from "node:fs";
import { placesIn } from "./executor-protocol.ts";

/** What it looks at. */
export interface LeaseWatch {
  readonly folder: string;
  readonly leaseMs: number;
  /** The process that started this one, as it was when it started. */
  readonly parent: number;
}

const intervalMs = 250;
const mostMissing = 8;

/** Watches until the process ends. */
export function watchLease({ folder, leaseMs, parent }: LeaseWatch): void {
  const { lease, stop } = placesIn(folder);
  let seen: string | undefined;
  let since = performance.now();
  let missing = 0;
  setInterval(() => {
    const now = performance.now();
    const content = readIfThere(lease);
    missing = content === undefined ? missing + 1 : 0;
    // clocks of machines differ, so the content tells, not its time
    if (content !== undefined && content !== seen) {
      seen = content;
      since = now;
    }
    if (existsSync(stop)) end("the job was stopped");
    if (missing >= mostMissing) end("the folder of the job is gone");
    if (process.ppid !== parent) end("its executor is gone");
    if (now - since > leaseMs) end(`nobody has waited for the job for ${Math.round((now - since) / 1000)} s`);
  }, intervalMs);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function end(reason: string): never {
  // written at once: nothing runs after the signal
  writeSync(2, `millrace: ended, since ${reason}\n`);
  process.kill(process.pid, "SIGKILL");
  throw new Error(reason);
}
