// What comes over a socket passes in buffers of 64 KB that nobody holds for longer than it takes to look at them. Their memory is
// not part of the heap that decides when garbage is looked for: 80 MB of them gather before all of the heap is searched, which costs
// more than a quarter of the time of the processor that reading pages takes. Looking at what is young finds the same at once.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Counts bytes that were read and dropped; to be called for each buffer of a stream. */
export function notePassed(bytes: number): void {
  passedBytes += bytes;
  if (passedBytes < sweepEveryBytes) return;
  passedBytes = 0;
  collect ??= findCollector();
  collect({ type: "minor" });
}

let passedBytes = 0;
let collect: Collector | undefined;

/** With less it is looked more often than it is worth, with more the buffers grow old, and take memory. */
const sweepEveryBytes = 16 * 1024 ** 2;

type Collector = (options: { readonly type: "minor" }) => void;

/** The only way to the collector in a process that was not started for it. Where there is none, it comes by itself as it always does. */
function findCollector(): Collector {
  setFlagsFromString("--expose-gc");
  const found: unknown = runInNewContext("globalThis.gc");
  return typeof found === "function" ? (found as Collector) : () => undefined;
}
