// The line of an isolate to the worker that launched it. In a process of its own, the end of the worker is the end of it.
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { threadEntry } from "../../core/thread-entry.ts";

export interface LocalIsolateChannel {
  readonly mode: "thread" | "process";
  send(message: object): void;
  listen(onMessage: (message: unknown) => void): void;
  /** Ends this isolate, once what was sent is on its way. */
  close(): void;
}

/** The channel of this thread or process, which must be one that the launcher started. */
export function openIsolateChannel(): LocalIsolateChannel {
  return isMainThread ? openProcessChannel() : openThreadChannel();
}

function openThreadChannel(): LocalIsolateChannel {
  const port = parentPort;
  if (port === null) throw new Error("this thread was started without a port");
  return {
    mode: "thread",
    send: (message) => port.postMessage(message),
    listen: (onMessage) => void port.on("message", onMessage),
    // Ends this thread alone; what was posted has left it.
    close: () => process.exit(0),
  };
}

function openProcessChannel(): LocalIsolateChannel {
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error("this process was started without a channel");
  watchParent();
  process.once("disconnect", endGroup);
  let underway = 0;
  let isClosing = false;
  const sent = (): void => {
    underway -= 1;
    if (isClosing && underway === 0) process.exit(0);
  };
  return {
    mode: "process",
    send(message) {
      underway += 1;
      // Neither a worker that is gone nor one that has enough keeps a handler from its work.
      send(message, undefined, undefined, sent);
    },
    listen: (onMessage) => void process.on("message", onMessage),
    close() {
      isClosing = true;
      if (underway === 0) process.exit(0);
    },
  };
}

// A handler that computes without a pause hears of nothing: a thread of its own looks whether the parent still lives.
function watchParent(): void {
  const entry = threadEntry("platforms/local/parent-watch-thread");
  new Worker(entry, { argv: process.argv.slice(2), name: "millrace parent watch", execArgv: [] }).unref();
}

function endGroup(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    process.exit(1);
  }
}
