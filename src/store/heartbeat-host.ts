// The main thread's side of a heartbeat: starts the thread that beats and shows it that the main thread runs.
// Neither the thread nor the timer keeps the process alive.
import { Worker } from "node:worker_threads";
import { MillraceError } from "../core/errors/errors.ts";
import { type HeartbeatPulse, type HeartbeatThreadMessage, pulseIndex, stopIndex } from "./heartbeat-pulse.ts";
import type { Heartbeat, HeartbeatOptions } from "./claim/work-store.ts";

/**
 * The thread beats every third of the TTL. While the main thread did not run for `wedgedAfterMs` the beat pauses; when it
 * comes back in time the beat goes on, when it comes back too late `onLost` is called, once.
 * @param entry file of the thread, which gets the pulse and `input` as its data
 * @throws MillraceError `VALUE_INVALID`
 */
export function hostHeartbeat(entry: URL, input: object, options: HeartbeatOptions): Heartbeat {
  const { workerId, ttlMs, wedgedAfterMs, onLost } = options;
  assertPositive("ttlMs", ttlMs);
  assertPositive("wedgedAfterMs", wedgedAfterMs);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const thread = new Worker(entry, {
    workerData: { ...input, workerId, ttlMs, wedgedAfterMs, shared } satisfies HeartbeatPulse,
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

function assertPositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new MillraceError("VALUE_INVALID", `expected \`${name}\` to be a positive number, got: \`${value}\``);
}
