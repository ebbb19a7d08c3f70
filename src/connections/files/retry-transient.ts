// Tries again what may pass by itself, for a few seconds. What lasts longer is for the run's own retries.
import { setTimeout as sleep } from "node:timers/promises";
import { classifyError } from "../../core/errors/classify-error.ts";
import type { ErrorCode } from "../../core/errors/error-codes.ts";
import type { FileAccess } from "./file-service.ts";

/** The last try is not followed by another one. */
export const maxTries = 5;

/** @param tries how many have failed, at least 1 @returns milliseconds */
function pauseAfter(tries: number): number {
  return 100 * 2 ** (tries - 1);
}

/** Whether the same may go well a moment later. A long pause that the service asks for is not waited for here. */
export function isTransient(error: unknown): boolean {
  const { disposition, code, retryAfterMs = 0 } = classifyError(error, 0);
  return disposition === "retry" && !lasting.has(code) && retryAfterMs <= longestPauseMs;
}

/** Rests before the next try. @throws the reason of the signal */
export async function restAfter(tries: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(pauseAfter(tries), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  signal?.throwIfAborted();
}

/** @throws what the last try failed with */
export async function retryTransient<T>(work: (tries: number) => Promise<T>, { signal }: FileAccess): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work(tries);
    } catch (error) {
      signal?.throwIfAborted();
      if (tries >= maxTries || !isTransient(error)) throw error;
      await restAfter(tries, signal);
    }
  }
}

/** What is retried by the run, which begins anew: shortage of this machine, and files that became others. */
const lasting: ReadonlySet<ErrorCode> = new Set([
  "DISK_FULL",
  "OPEN_FILES_EXHAUSTED",
  "CONNECTION_BLOCKED",
  "SOURCE_UNREADABLE",
  "TARGET_CONFLICT",
]);

const longestPauseMs = 5_000;
