// Errors of this process or thread that nobody waits for, and the asynchronous context in which each arose.
import { AsyncLocalStorage } from "node:async_hooks";

export interface LocalStrayErrors extends Disposable {
  /** Runs `work`; what goes astray in it, also after its end, comes to `onStray`. */
  watch<T>(onStray: (thrown: unknown) => void, work: () => T): T;
}

type Listener = (thrown: unknown) => void;

const watchers = new AsyncLocalStorage<Listener>();
const owners = new Set<Listener>();
let isListening = false;

/**
 * Listens from now on. @param onUnknown told, until disposed, of errors that arose in no `watch`; not told when the program has
 * listeners of its own, which then are in charge
 */
export function catchStrayErrors(onUnknown: Listener): LocalStrayErrors {
  owners.add(onUnknown);
  if (!isListening) {
    process.on("uncaughtException", receive);
    process.on("unhandledRejection", receive);
    isListening = true;
  }
  return {
    watch: (onStray, work) => watchers.run(onStray, work),
    [Symbol.dispose]: () => void owners.delete(onUnknown),
  };
}

// It stays when the last owner is gone: what attempts left behind may still fail.
function receive(thrown: unknown): void {
  const watcher = watchers.getStore();
  if (watcher !== undefined) watcher(thrown);
  else if (process.listenerCount("uncaughtException") > 1) return;
  else if (owners.size > 0) for (const onUnknown of owners) onUnknown(thrown);
  else endAsNodeDoes(thrown);
}

function endAsNodeDoes(thrown: unknown): void {
  process.off("uncaughtException", receive);
  process.off("unhandledRejection", receive);
  isListening = false;
  setImmediate(() => {
    throw thrown;
  });
}
