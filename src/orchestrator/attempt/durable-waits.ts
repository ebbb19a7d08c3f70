// Waits that outlive their worker: the run goes back to the store with the time of the next look, and `execute` is entered
// again from its start. What is remembered of a wait is a step of the run.
import { parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext, WaitForOptions } from "../../core/job/job-context.ts";
import type { JsonOf } from "../../core/job/json-of.ts";
import type { Json } from "../../store/rows/run-records.ts";
import type { CreateJobContextInput } from "./job-context-input.ts";
import { assertFunction } from "./assert-argument.ts";
import { StepNames } from "./step-names.ts";
import { toPayload } from "./to-json.ts";

type WaitInput = Pick<CreateJobContextInput, "run" | "lease" | "now" | "yieldPoint">;

/** `ctx.sleep` and `ctx.waitFor` of one attempt. */
export function createDurableWaits(input: WaitInput): Pick<JobContext, "sleep" | "waitFor"> {
  const { lease, yieldPoint, now } = input;
  const names = new StepNames("wait");
  return {
    async sleep(duration, options) {
      yieldPoint.safePlace();
      const durationMs = parseDuration(duration, "duration");
      const wait = await rememberWait(input, names.next(options?.name), { kind: "sleep", durationMs });
      const restMs = wait.startedAtMs + durationMs - now();
      if (restMs > 0) yieldPoint.giveBack(restMs);
    },
    async waitFor<T>({ every, timeout, name }: WaitForOptions, probe: () => Promise<T> | T): Promise<Found<T>> {
      yieldPoint.safePlace();
      assertFunction("probe of ctx.waitFor", probe);
      const everyMs = parseDuration(every, "every");
      const timeoutMs = timeout === undefined ? Infinity : parseDuration(timeout, "timeout");
      const step = names.next(name);
      const known = await lease.loadStep(`${step}:result`);
      // What a probe found was stored as JSON and comes back as such.
      if (known !== undefined) return known.value as Found<T>;
      const { startedAtMs } = await rememberWait(input, step, { kind: "wait", durationMs: everyMs });
      const found = await probe();
      if (found !== undefined && found !== null && found !== false) {
        const value = toPayload(`result of wait \`${name ?? step}\``, found);
        await lease.saveStep(`${step}:result`, value);
        return value as Found<T>;
      }
      const restMs = startedAtMs + timeoutMs - now();
      if (restMs <= 0) throw timedOut(input, timeoutMs);
      // The last look comes when the time is up.
      return yieldPoint.giveBack(Math.min(everyMs, restMs));
    },
  };
}

type Found<T> = JsonOf<Exclude<T, undefined | null | false>>;

interface RememberedWait {
  readonly kind: "sleep" | "wait";
  readonly durationMs: number;
}

// The first attempt that comes here decides when the wait began.
async function rememberWait(
  { run, lease, now }: WaitInput,
  name: string,
  wait: RememberedWait,
): Promise<{ readonly startedAtMs: number }> {
  const known = await lease.loadStep(name);
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

function timedOut({ run }: WaitInput, timeoutMs: number): MillraceError {
  const message = `job \`${run.job}\` waited longer than its timeout of ${timeoutMs} ms for what did not come`;
  return new MillraceError("WAIT_TIMED_OUT", message, { hint: "look at the system it waits for, or raise `timeout`" });
}
