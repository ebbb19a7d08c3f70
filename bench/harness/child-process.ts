// Processes of a bench that talk with it over a channel: each answers an order with one message.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** Starts the program with a channel to this process. */
export function startProcess(program: URL, args: readonly string[]): ChildProcess {
  const execArgv = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning"];
  return fork(program, [...args], { execArgv });
}

/** The next message. A process that ends before it sends one ends the bench. */
export async function hear<T>(process: ChildProcess): Promise<T> {
  const stop = new AbortController();
  const ended = once(process, "exit", { signal: stop.signal }).then(() => {
    throw new Error("a process of the bench ended before its answer");
  });
  try {
    const [message] = (await Promise.race([once(process, "message", { signal: stop.signal }), ended])) as [T];
    return message;
  } finally {
    ended.catch(() => {});
    stop.abort();
  }
}

export async function endProcess(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = once(process, "exit");
  process.kill("SIGKILL");
  await exit;
}
