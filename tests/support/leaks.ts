// Runs around every test: a test (or a file) that leaves a timer, socket, child process, file watcher or
// worker thread behind fails, because a leak in a test is a leak in the product.
import { createHook } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

/** Kinds that `process.getActiveResourcesInfo()` names and that somebody must close; timers are watched apart. */
const watchedKinds: ReadonlySet<string> = new Set([
  "TCPSocketWrap",
  "TCPServerWrap",
  "TLSWrap",
  "UDPWrap",
  "PipeWrap",
  "ProcessWrap",
  "FSEventWrap",
  "StatWatcher",
  "SignalWrap",
]);

/** Timers set by the test runner itself, and by what drives a browser, are their own business. */
const runnerFrame = /node_modules\/(?:@?vitest|vite|tinypool|birpc|playwright-core)\//;

/** Closing takes a few turns of the event loop; anything that is still there after this long is a leak. */
const graceMs = 250;

/** What is open at one moment: live worker threads and timers by identity, the rest counted by kind. */
interface OpenResources {
  readonly counts: ReadonlyMap<string, number>;
  readonly workers: ReadonlySet<Worker>;
  readonly timers: ReadonlySet<number>;
}

const liveWorkers = new Set<Worker>();
const liveTimers = new Map<number, { readonly timer: NodeJS.Timeout; readonly setAt: string }>();

// Worker threads are not in getActiveResourcesInfo(); Node announces each on this channel.
const noticeWorker = (message: unknown): void => {
  const { worker } = message as { worker: Worker };
  liveWorkers.add(worker);
  worker.once("exit", () => liveWorkers.delete(worker));
};
subscribe("worker_threads", noticeWorker);

// getActiveResourcesInfo() cannot tell our timers from the runner's; the place where a timer is set can.
const timerHook = createHook({
  trackPromises: false,
  init(id, type, _triggerId, resource) {
    if (type !== "Timeout") return;
    const setAt = findCaller(new Error().stack ?? "");
    if (setAt !== undefined) liveTimers.set(id, { timer: resource as NodeJS.Timeout, setAt });
  },
  destroy(id) {
    liveTimers.delete(id);
  },
});
timerHook.enable();

// The standard streams open on first use, which is nobody's leak.
void process.stdout;
void process.stderr;

let atFileStart = snapshotResources();
let atTestStart = atFileStart;

beforeAll(() => {
  atFileStart = snapshotResources();
});

beforeEach(() => {
  atTestStart = snapshotResources();
});

afterEach(async () => {
  const leaks = await findLeaks(atTestStart);
  if (leaks.length > 0) throw new Error(`the test left resources open: ${leaks.join(", ")}`);
});

afterAll(async () => {
  const leaks = await findLeaks(atFileStart);
  // The next file of the same process watches for itself.
  timerHook.disable();
  unsubscribe("worker_threads", noticeWorker);
  if (leaks.length > 0) throw new Error(`the test file left resources open: ${leaks.join(", ")}`);
});

function snapshotResources(): OpenResources {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (watchedKinds.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return { counts, workers: new Set(liveWorkers), timers: new Set(liveTimers.keys()) };
}

async function findLeaks(before: OpenResources): Promise<string[]> {
  const deadlineAt = performance.now() + graceMs;
  for (;;) {
    const leaks = describeGrowth(before);
    if (leaks.length === 0 || performance.now() > deadlineAt) return leaks;
    await nextTurn();
  }
}

function describeGrowth(before: OpenResources): string[] {
  const now = snapshotResources();
  const growth: string[] = [];
  for (const [kind, count] of now.counts) {
    const extra = count - (before.counts.get(kind) ?? 0);
    if (extra > 0) growth.push(`${extra} more \`${kind}\``);
  }
  const extraWorkers = [...now.workers].filter((worker) => !before.workers.has(worker)).length;
  if (extraWorkers > 0) growth.push(`${extraWorkers} more \`Worker\``);
  for (const [id, { timer, setAt }] of liveTimers) {
    if (!before.timers.has(id) && timer.hasRef()) growth.push(`a timer set at ${setAt}`);
  }
  return growth;
}

/** The first frame outside Node and this file; undefined when it belongs to the test runner. */
function findCaller(stack: string): string | undefined {
  const frames = stack.split("\n").slice(1);
  const frame = frames.find((line) => !line.includes("node:") && !line.includes("tests/support/leaks.ts"));
  if (frame === undefined || runnerFrame.test(frame)) return undefined;
  return frame.trim().replace(/^at /, "");
}
