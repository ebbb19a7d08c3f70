// Keeps a worker alive from a thread and connection of its own, so that a blocked main thread does not lose its runs,
// while one that is wedged for good does. Neither the thread nor the timer keeps the process alive.
import { Worker } from "node:worker_threads";
import { MillraceError } from "../../core/errors.ts";
import type { Heartbeat, HeartbeatOptions } from "../work-store.ts";
import type { HeartbeatThreadInput, HeartbeatThreadMessage } from "./heartbeat-thread.ts";

// Where in the shared memory: the main thread counts up `pulse`, and sets `stop` once.
const pulseIndex = 0;
const stopIndex = 1;

/**
 * Beats every third of the TTL, by the clock that the store goes by. While the main thread did not run for `wedgedAfterMs` the beat
 * pauses; when it comes back in time the beat goes on, when it comes back too late `onLost` is called, once.
 * @throws MillraceError `VALUE_INVALID`
 */
export function startHeartbeat(
  path: string,
  clock: HeartbeatThreadInput["clock"],
  options: HeartbeatOptions,
): Heartbeat {
  const { workerId, ttlMs, wedgedAfterMs, onLost } = options;
  assertPositive("ttlMs", ttlMs);
  assertPositive("wedgedAfterMs", wedgedAfterMs);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const input: HeartbeatThreadInput = { path, clock, workerId, ttlMs, wedgedAfterMs, shared };
  const thread = new Worker(threadFile(), {
    workerData: input,
    name: "millrace-heartbeat",
    // Not those of this process: the thread needs no loaders, and some flags are refused in threads.
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const pulse = setInterval(() => Atomics.add(shared, pulseIndex, 1), Math.max(1, Math.min(500, wedgedAfterMs / 4)));
  pulse.unref();

  let state: "beating" | "lost" | "stopped" = "beating";
  const lose = (): void => {
    if (state !== "beating") return;
    state = "lost";
    onLost();
  };
  thread.on("message", (message: HeartbeatThreadMessage) => {
    if (message === "lost") lose();
  });
  // A thread that broke keeps nobody alive.
  thread.on("error", lose);
  const exited = new Promise<void>((resolve) => {
    thread.once("exit", () => {
      clearInterval(pulse);
      resolve();
    });
  });
  thread.unref();

  const stop = async (): Promise<void> => {
    if (state === "beating") state = "stopped";
    clearInterval(pulse);
    Atomics.store(shared, stopIndex, 1);
    Atomics.notify(shared, stopIndex);
    // Until it is gone the process must wait for it: it may be inside a commit.
    thread.ref();
    await exited;
  };
  return { workerId, [Symbol.asyncDispose]: stop };
}

// This file's own extension: `.ts` where the source runs as it is, `.js` in the package.
function threadFile(): URL {
  return new URL(`./heartbeat-thread${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
}

function assertPositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new MillraceError("VALUE_INVALID", `expected \`${name}\` to be a positive number, got: \`${value}\``);
}
