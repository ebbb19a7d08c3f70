// The template every run goes through: validate → execute → onSuccess, or classify → onFailure.
// A job cannot override it. What happens to the run afterwards is decided by the caller, from the returned end.
import { z } from "zod";
import { classifyError } from "../errors/classify-error.ts";
import { MillraceError } from "../errors/errors.ts";
import type { DurableWait } from "./durable-wait.ts";
import type { Job } from "./job.ts";
import type { JobContext } from "./job-context.ts";
import { withoutRunOptions } from "./sample.ts";
import { type JobEnding, toJobEnding } from "./outcome.ts";

/** How an attempt ended. `warnings` are failures of hooks, which never change the end. */
export type AttemptEnd = (
  | { readonly end: "finished"; readonly outcome: Extract<JobEnding, { outcome: "done" | "partial" }> }
  | { readonly end: "snoozed"; readonly delayMs: number; readonly wait?: DurableWait }
  | { readonly end: "paused" }
  | { readonly end: "failed"; readonly error: MillraceError }
) & { readonly warnings: readonly string[] };

export interface RunJobInput {
  readonly job: Job;
  readonly config: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  /** Builds what the job may touch, from checked config and params. */
  readonly createContext: (checked: { config: unknown; params: unknown }) => JobContext;
  /** Called with the name of each param the job does not declare. */
  readonly onDroppedParam: (name: string) => void;
  /** Resolves when an aborted handler has had its time to wind down, or when `signal` says that it ended before. */
  readonly windDown: (signal: AbortSignal) => Promise<void>;
  /** Called when the handler has finished, before `onSuccess`. What it throws fails the attempt. */
  readonly beforeSuccess?: () => Promise<void>;
  /**
   * What the context told the handler to leave with. Whatever the handler made of that, returned or threw, the run is
   * entered again: its work was cut short.
   */
  readonly told?: () => MillraceError | undefined;
}

/** Runs one attempt of a job. Never rejects. */
export async function runJob(input: RunJobInput): Promise<AttemptEnd> {
  let ctx: JobContext | undefined;
  try {
    ctx = input.createContext({ config: parseConfig(input), params: parseParams(input) });
    const outcome = toJobEnding(await orAbort(input.job.execute(ctx), ctx.signal, input.windDown));
    return toYield(input.told?.()) ?? (await succeed(input, ctx, outcome));
  } catch (thrown) {
    const aborted = abortReason(ctx?.signal);
    // Whatever a handler throws because it was aborted, the reason of the abort is what happened.
    if (aborted !== undefined) return await fail(input.job, ctx, aborted);
    const error = classifyError(thrown);
    return toYield(input.told?.()) ?? toPark(error) ?? (await fail(input.job, ctx, error));
  }
}

function toYield(told: MillraceError | undefined): AttemptEnd | undefined {
  if (told === undefined) return undefined;
  if (told.code === "RUN_PAUSED") return { end: "paused", warnings: [] };
  // `YieldPoint.giveBack` has put it there.
  const wait = told.details?.["wait"] as DurableWait | undefined;
  return { end: "snoozed", delayMs: told.retryAfterMs ?? 0, ...(wait === undefined ? {} : { wait }), warnings: [] };
}

// A service that asks for a long pause has not failed, and neither has the run: it goes on when the pause is over.
function toPark({ code, message, retryAfterMs = 0 }: MillraceError): AttemptEnd | undefined {
  return code === "CONNECTION_BLOCKED"
    ? { end: "snoozed", delayMs: retryAfterMs, wait: { kind: "service", because: message }, warnings: [] }
    : undefined;
}

/** Checks config and params as a run would, for `--dry-run` and for submitting. @throws MillraceError `CONFIG_INVALID` | `PARAMS_INVALID` */
export function assertRunnable(job: Job, config: unknown, params: Readonly<Record<string, unknown>>): void {
  parseArguments(job, config, params);
}

/**
 * Config and params as a run would see them.
 * @param onDroppedParam called with the name of each param that the job does not declare
 * @throws MillraceError `CONFIG_INVALID` | `PARAMS_INVALID`
 */
export function parseArguments(
  job: Job,
  config: unknown,
  params: Readonly<Record<string, unknown>>,
  onDroppedParam: (name: string) => void = () => undefined,
): { readonly config: unknown; readonly params: unknown } {
  const input = { job, config, params, onDroppedParam };
  return { config: parseConfig(input), params: parseParams(input) };
}

function parseConfig({ job, config }: Pick<RunJobInput, "job" | "config">): unknown {
  const parsed = job.config.safeParse(config);
  if (parsed.success) return Object.freeze(parsed.data);
  throw new MillraceError("CONFIG_INVALID", `config of job \`${job.name}\`: ${describeIssues(parsed.error)}`, {
    hint: `set it under \`config.${job.name}\` of millrace.config.ts`,
    details: { option: ["config", job.name, ...(parsed.error.issues[0]?.path ?? [])] },
  });
}

function parseParams({ job, params, onDroppedParam }: Pick<RunJobInput, "job" | "params" | "onDroppedParam">): unknown {
  const declared = job.params instanceof z.ZodObject ? job.params.shape : undefined;
  const strict = declared !== undefined && Object.keys(declared).length > 0;
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(withoutRunOptions(params))) {
    if (strict && !Object.hasOwn(declared, name)) onDroppedParam(name);
    else kept[name] = value;
  }
  const parsed = job.params.safeParse(kept);
  if (parsed.success) return Object.freeze(parsed.data);
  throw new MillraceError("PARAMS_INVALID", `params of job \`${job.name}\`: ${describeIssues(parsed.error)}`);
}

async function succeed({ job, beforeSuccess }: RunJobInput, ctx: JobContext, outcome: JobEnding): Promise<AttemptEnd> {
  if (outcome.outcome === "snooze") return { end: "snoozed", delayMs: outcome.delayMs, warnings: [] };
  if (outcome.outcome === "cancel") throw new MillraceError("JOB_CANCELLED", `job cancelled itself: ${outcome.reason}`);
  assertSerialisable(job, outcome.result);
  await beforeSuccess?.();
  const warnings = await collectWarning("onSuccess", () => job.onSuccess(ctx, outcome.result));
  return { end: "finished", outcome, warnings };
}

async function fail(job: Job, ctx: JobContext | undefined, error: MillraceError): Promise<AttemptEnd> {
  // Without a context the job never started; a run that goes on elsewhere has not failed.
  const silent = ctx === undefined || goesOn.has(error.code);
  const warnings = silent ? [] : await collectWarning("onFailure", () => job.onFailure(ctx, error));
  return { end: "failed", error, warnings };
}

const goesOn: ReadonlySet<string> = new Set(["RUN_LOST", "RUN_RELEASED", "STORE_UNAVAILABLE", "ENGINE_RESTARTED"]);

async function collectWarning(hook: string, run: () => Promise<void>): Promise<string[]> {
  try {
    await run();
    return [];
  } catch (thrown) {
    return [`\`${hook}\` failed: ${classifyError(thrown).message}`];
  }
}

// An aborted handler may wind down; one that ignores its signal is left behind, and the fence makes what it
// still does harmless. Work that was finished while the worker shuts down counts: nobody needs to do it again.
async function orAbort<T>(work: Promise<T>, signal: AbortSignal, windDown: RunJobInput["windDown"]): Promise<T> {
  const aborted = Promise.withResolvers<"aborted">();
  const onAbort = (): void => aborted.resolve("aborted");
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const settled = work.then((value) => ({ value }));
  const first = await Promise.race([settled, aborted.promise]).finally(() =>
    signal.removeEventListener("abort", onAbort),
  );
  if (first !== "aborted") return first.value;
  const ended = new AbortController();
  const last = await Promise.race([settled.catch(() => undefined), windDown(ended.signal)]).finally(() =>
    ended.abort(),
  );
  if (last !== undefined && abortReason(signal)?.code === "RUN_RELEASED") return last.value;
  throw signal.reason;
}

function abortReason(signal: AbortSignal | undefined): MillraceError | undefined {
  return signal?.aborted === true && signal.reason instanceof MillraceError ? signal.reason : undefined;
}

const maxResultLength = 1_048_576;

function assertSerialisable(job: Job, result: unknown): void {
  const length = serialise(job, result).length;
  if (length <= maxResultLength) return;
  throw new MillraceError(
    "JOB_RESULT_INVALID",
    `expected result of job \`${job.name}\` to have at most ${maxResultLength} characters as JSON, got: \`${length}\``,
    { hint: "publish rows as a dataset and return what says where they are" },
  );
}

function serialise(job: Job, result: unknown): string {
  try {
    return JSON.stringify(result) ?? "";
  } catch (cause) {
    const place = findUnstorable(result);
    const message = `result of job \`${job.name}\` cannot be stored as JSON${place === undefined ? "" : `: ${place}`}`;
    throw new MillraceError("JOB_RESULT_INVALID", message, {
      hint: "return plain data: convert bigints, and leave out circular references",
      cause,
    });
  }
}

/** The first field that JSON cannot hold, as "`orders.0.total` is a bigint"; `undefined` for any other trouble. */
function findUnstorable(result: unknown): string | undefined {
  const trail: { readonly key: string; readonly value: unknown }[] = [];
  try {
    JSON.stringify(result, function (this: unknown, key: string, value: unknown): unknown {
      while (trail.length > 0 && trail.at(-1)?.value !== this) trail.pop();
      trail.push({ key, value });
      return value;
    });
  } catch {
    // the walk ended at the field that it could not write
  }
  const path = trail.slice(1).map(({ key }) => key);
  const field = path.length === 0 ? "it" : `\`${path.join(".")}\``;
  const last = trail.pop()?.value;
  if (typeof last === "bigint") return `${field} is a bigint`;
  return trail.some(({ value }) => value === last) ? `${field} refers back to what it is in` : undefined;
}

function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => (issue.path.length === 0 ? issue.message : `\`${issue.path.join(".")}\`: ${issue.message}`))
    .join("; ");
}
