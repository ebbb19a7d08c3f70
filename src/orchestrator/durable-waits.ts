// Waits that outlive their worker: the run goes back to the store with the time of the next look, and `execute` is entered
// again from its start. What is remembered of a wait is a step of the run.
import { parseDuration } from "../core/duration.ts";
import { MillraceError } from "../core/errors.ts";
import type { JobContext, WaitForOptions } from "../core/job-context.ts";
import type { Json } from "../store/run-records.ts";
import type { CreateJobContextInput } from "./create-job-context.ts";
import { toJson } from "./to-json.ts";

type WaitInput = Pick<CreateJobContextInput, "run" | "lease" | "store" | "now" | "pause">;

/** `ctx.sleep` and `ctx.waitFor` of one attempt. */
export function createDurableWaits(input: WaitInput): Pick<JobContext, "sleep" | "waitFor"> {
  let count = 0;
  const nameOf = (given: string | undefined): string => `wait:${given ?? String((count += 1))}`;
  return {
    async sleep(duration, options) {
      const durationMs = parseDuration(duration, "duration");
      const wait = await rememberWait(input, nameOf(options?.name), { kind: "sleep", durationMs });
      const restMs = wait.startedAtMs + durationMs - input.now();
      if (restMs > 0) giveBack(input, restMs);
    },
    async waitFor<T>({ every, timeout, name }: WaitForOptions, probe: () => Promise<T> | T): Promise<NonNullable<T>> {
      const everyMs = parseDuration(every, "every");
      const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout, "timeout");
      const step = nameOf(name);
      const known = await input.store.loadStep(input.run.runId, `${step}:result`);
      // What a probe found was stored as JSON and comes back as such.
      if (known !== undefined) return known.value as NonNullable<T>;
      const wait = await rememberWait(input, step, { kind: "wait", durationMs: everyMs });
      const found = await probe();
      if (found !== undefined && found !== null && found !== false) {
        await input.lease.saveStep(`${step}:result`, toJson(found));
        return found;
      }
      assertInTime(input, wait.startedAtMs, timeoutMs);
      return giveBack(input, everyMs);
    },
  };
}

/** Gives the worker back for that time. @throws MillraceError `RUN_SNOOZED` | `RUN_PAUSED` */
export function giveBack({ pause }: Pick<WaitInput, "pause">, delayMs: number): never {
  pause.throwIfRequested();
  throw new MillraceError("RUN_SNOOZED", "the run waits and gave its worker back", { retryAfterMs: delayMs });
}

interface RememberedWait {
  readonly kind: "sleep" | "wait";
  readonly durationMs: number;
}

// The first attempt that comes here decides when the wait began.
async function rememberWait(
  { run, lease, store, now }: WaitInput,
  name: string,
  wait: RememberedWait,
): Promise<{ readonly startedAtMs: number }> {
  const known = await store.loadStep(run.runId, name);
  if (known === undefined) {
    const startedAtMs = now();
    await lease.saveStep(name, { ...wait, startedAtMs });
    return { startedAtMs };
  }
  const remembered = toRemembered(known.value);
  if (remembered?.kind === wait.kind && remembered.durationMs === wait.durationMs) return remembered;
  const message = `expected \`${name}\` of job \`${run.job}\` to be the wait of an earlier attempt, got: \`${wait.kind}\` of ${wait.durationMs} ms`;
  throw new MillraceError("WAIT_CHANGED", message, {
    hint: "the code changed, or waits come in another order: give each a `name`",
  });
}

function toRemembered(value: Json): (RememberedWait & { readonly startedAtMs: number }) | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { kind, durationMs, startedAtMs } = value as Readonly<Record<string, Json>>;
  const isWait = (kind === "sleep" || kind === "wait") && typeof durationMs === "number";
  return isWait && typeof startedAtMs === "number" ? { kind, durationMs, startedAtMs } : undefined;
}

function assertInTime({ run, now }: WaitInput, startedAtMs: number, timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || now() - startedAtMs < timeoutMs) return;
  const message = `job \`${run.job}\` waited longer than its timeout of ${timeoutMs} ms for what did not come`;
  throw new MillraceError("WAIT_TIMED_OUT", message, { hint: "look at the system it waits for, or raise `timeout`" });
}
