// Threads and processes of this machine for attempts of jobs. A process leads a group of its own, so that what it started
// ends with it; it ends by itself when this process dies.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

export interface LocalLauncherOptions {
  /** The module that a thread or process runs. */
  readonly entry: URL;
  /** Largest JavaScript heap of a thread or process, in MiB. Default: as Node decides. */
  readonly maxHeapMb?: number;
}

export interface LocalLaunchRequest {
  readonly mode: "thread" | "process";
  readonly name: string;
  readonly onMessage: (message: unknown) => void;
}

export interface LocalIsolate {
  send(message: object): void;
  kill(how: "term" | "now"): void;
  readonly ended: Promise<LocalIsolateEnd>;
}

export interface LocalIsolateEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly error: Error | undefined;
}

// Not those of this process: conditions and loaders of a test runner have no place there.
const execArgv = ["--disable-warning=ExperimentalWarning"];

/** Launches the entry, fresh each time. */
export function createLocalLauncher(options: LocalLauncherOptions): {
  launch(request: LocalLaunchRequest): LocalIsolate;
} {
  return {
    launch(request) {
      try {
        return request.mode === "thread" ? launchThread(options, request) : launchProcess(options, request);
      } catch (error) {
        return failed(error instanceof Error ? error : new Error(String(error)));
      }
    },
  };
}

function launchThread(
  { entry, maxHeapMb }: LocalLauncherOptions,
  { name, onMessage }: LocalLaunchRequest,
): LocalIsolate {
  const limits = maxHeapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } };
  const thread = new Worker(entry, { name, execArgv, ...limits });
  let error: Error | undefined;
  const { promise: ended, resolve } = Promise.withResolvers<LocalIsolateEnd>();
  thread.on("message", onMessage);
  thread.on("error", (thrown) => (error = thrown instanceof Error ? thrown : new Error(String(thrown))));
  thread.once("exit", (exitCode) => resolve({ exitCode, signal: undefined, error }));
  return { ended, send: (message) => thread.postMessage(message), kill: () => void thread.terminate() };
}

function launchProcess({ entry, maxHeapMb }: LocalLauncherOptions, { onMessage }: LocalLaunchRequest): LocalIsolate {
  const limits = maxHeapMb === undefined ? [] : [`--max-old-space-size=${maxHeapMb}`];
  // The process learns who its parent is, because it may be gone before the child can look.
  const child = spawn(process.execPath, [...execArgv, ...limits, ...toScript(entry), String(process.pid)], {
    detached: true,
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.on("message", onMessage);
  return {
    ended: whenEnded(child),
    send(message) {
      // The callback takes the error of a channel that just closed; its end is told by `ended`.
      if (child.connected) child.send(message, () => undefined);
    },
    kill: (how) => killGroup(child, how === "term" ? "SIGTERM" : "SIGKILL"),
  };
}

// What follows is at the same place of `process.argv` either way.
function toScript(entry: URL): readonly string[] {
  if (entry.protocol !== "data:") return [fileURLToPath(entry)];
  const code = decodeURIComponent(entry.pathname.slice(entry.pathname.indexOf(",") + 1));
  return ["--input-type=module", "--eval", code, "--", "isolate"];
}

// The last messages may come after the exit: the channel is empty when it is disconnected.
async function whenEnded(child: ChildProcess): Promise<LocalIsolateEnd> {
  let error: Error | undefined;
  const exited = Promise.withResolvers<Omit<LocalIsolateEnd, "error">>();
  const disconnected = Promise.withResolvers<void>();
  child.once("disconnect", () => disconnected.resolve());
  child.once("exit", (code, signal) => exited.resolve({ exitCode: code ?? undefined, signal: signal ?? undefined }));
  child.once("error", (thrown) => {
    error = thrown;
    if (child.pid !== undefined) return;
    // It did not start, so it cannot exit.
    exited.resolve({ exitCode: undefined, signal: undefined });
    disconnected.resolve();
  });
  const end = await exited.promise;
  if (child.connected) await disconnected.promise;
  return { ...end, error };
}

function killGroup(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // There are no groups on Windows, and none is left when all of it has ended.
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  }
}

function failed(error: Error): LocalIsolate {
  return {
    ended: Promise.resolve({ exitCode: undefined, signal: undefined, error }),
    send: () => undefined,
    kill: () => undefined,
  };
}
