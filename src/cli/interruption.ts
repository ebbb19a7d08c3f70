// Ctrl-C and SIGTERM: the first asks to stop in good order, the second ends the process at once.
import { exitCodes } from "./exit-codes.ts";

export interface Interruption extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
}

/** Listens until disposed. @param onFirst told at the first signal, to say what happens now */
export function listenForInterruption(onFirst: () => void): Interruption {
  const control = new AbortController();
  const onSignal = (): void => {
    // The store's protocol makes a hard end safe: the next process takes the work over.
    if (control.signal.aborted) process.exit(exitCodes.stopped);
    onFirst();
    control.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: control.signal,
    [Symbol.dispose]() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
