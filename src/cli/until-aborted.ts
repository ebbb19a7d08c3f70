// Waits for a signal as commands do that run until they are told to stop.

/** Resolves when the signal is aborted; keeps the process alive until then. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  // Signals keep no process alive, and everything else a worker waits on may be unreferenced.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise((resolve) => {
    signal.addEventListener("abort", resolve, { once: true });
  });
  clearInterval(alive);
}
