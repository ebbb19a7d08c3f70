// The thread of a process on an executor that ends it, whatever its main thread computes: when the job was stopped, when nobody waits for
// it any more, or when the executor is gone. Spark kills no children, so a child that lived on would hold its slot for ever.
import { rmSync, writeSync } from "node:fs";
import { stopWord } from "./bucket-round.ts";
import { type LeaseLook, lookAtLease } from "./process-place.ts";
import { readText } from "./signed-exchange.ts";

/** What it looks at. */
export interface LeaseWatch {
  readonly folder: string;
  /** Where the lease is read, when not in the folder, which is then the process's own. */
  readonly lease?: string;
  readonly leaseMs: number;
  /** The process that started this one, as it was when it started. */
  readonly parent: number;
}

/** Between two looks at a folder, and at a bucket, whose service counts requests. */
const [folderMs, bucketMs] = [250, 2_000];
/** Of looks. */
const [mostMissing, mostMissingInBucket] = [8, 2];

/** Watches until the process ends. */
export function watchLease(watch: LeaseWatch): void {
  const { leaseMs, parent, lease } = watch;
  let seen: string | undefined;
  let since = performance.now();
  let missing = 0;
  const look = async (): Promise<void> => {
    const { content, isStopped, isUnknown = false } = await lookAt(watch);
    const now = performance.now();
    missing = content === undefined && !isUnknown ? missing + 1 : 0;
    // clocks of machines differ, so the content tells, not its time
    if (content !== undefined && content !== seen) {
      seen = content;
      since = now;
    }
    if (isStopped) end(watch, "the job was stopped");
    if (missing >= (lease === undefined ? mostMissing : mostMissingInBucket))
      end(watch, "the folder of the job is gone");
    if (now - since > leaseMs) {
      end(watch, `nobody has waited for the job for ${Math.round((now - since) / 1000)} s`);
    }
  };
  let isLooking = false;
  let next = 0;
  setInterval(() => {
    if (process.ppid !== parent) end(watch, "its executor is gone");
    if (isLooking || performance.now() < next) return;
    isLooking = true;
    next = performance.now() + (lease === undefined ? 0 : bucketMs);
    void look().finally(() => (isLooking = false));
  }, folderMs);
}

/** What a bucket that does not answer says is not known, so that the lease ends by itself. */
async function lookAt({ folder, lease }: LeaseWatch): Promise<LeaseLook & { readonly isUnknown?: boolean }> {
  if (lease === undefined) return lookAtLease(folder);
  try {
    const content = await readText(lease);
    return { content, isStopped: content === stopWord };
  } catch {
    return { content: undefined, isStopped: false, isUnknown: true };
  }
}

function end({ folder, lease }: LeaseWatch, reason: string): never {
  // written at once: nothing runs after the signal
  writeSync(2, `millrace: ended, since ${reason}\n`);
  if (lease !== undefined) rmSync(folder, { recursive: true, force: true });
  process.kill(process.pid, "SIGKILL");
  throw new Error(reason);
}
