// Gives memory back that this thread's heap holds and does not need while others work: room that the loading of modules has left, and
// shared memory that was let go, of which the heap sees a few bytes only and would keep it for long.
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** A collection of more would hold up what else the process does. */
const mostHeapBytes = 200_000_000;

/** Takes some tens of milliseconds; does nothing where it would take much longer. */
export function releaseHeap(): void {
  if (getHeapStatistics().used_heap_size > mostHeapBytes) return;
  collect ??= findCollector();
  collect();
}

/** The only way to it in a process that was started without the flag. */
function findCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const found = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  return found;
}
