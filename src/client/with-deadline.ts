// A signal for one piece of work that aborts with the caller's own or when the time is up. `AbortSignal.any` would do it, but
// browsers that the screens support have none.

export interface Deadline {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** What `work` gives. It is told of the end by its signal, with a `TimeoutError` or the caller's reason; nothing stays behind. */
export async function withDeadline<T>(
  { timeoutMs, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const control = new AbortController();
  const give = (): void => control.abort(signal?.reason);
  const timer = setTimeout(() => control.abort(new DOMException("the time is up", "TimeoutError")), timeoutMs);
  signal?.addEventListener("abort", give, { once: true });
  try {
    return await work(control.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", give);
  }
}
