// One signal for a whole exchange, which ends for the reason of its caller or because it takes too long.
import { formatDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";

export interface ExchangeDeadline {
  readonly signal: AbortSignal;
  /** Milliseconds since the start. */
  elapsedMs(): number;
  /** To be called when the exchange is over, however it ended. Twice does no harm. */
  clear(): void;
}

/** @param exchange method and masked address for the message */
export function startDeadline(totalMs: number, exchange: string, outer: AbortSignal | undefined): ExchangeDeadline {
  const startedAtMs = performance.now();
  const controller = new AbortController();
  const stop = (): void => controller.abort(outer?.reason);
  const timer = setTimeout(() => {
    const text = `took longer than ${formatDuration(totalMs)}`;
    controller.abort(
      new MillraceError("CONNECTION_FAILED", `${exchange}: ${text}`, { hint: "raise the total timeout" }),
    );
  }, totalMs);
  // An exchange that nobody waits for keeps no process alive.
  timer.unref();
  if (outer?.aborted === true) stop();
  else outer?.addEventListener("abort", stop, { once: true });
  return {
    signal: controller.signal,
    elapsedMs: () => performance.now() - startedAtMs,
    clear: () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", stop);
    },
  };
}
