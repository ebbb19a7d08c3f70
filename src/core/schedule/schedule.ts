// A schedule: when a job or pipeline starts by itself, and what happens when it could not. A definition that would never
// fire, or mean something else than it says, is refused when it is made.
import { z } from "zod";
import { type Duration, formatDuration, parseDuration } from "../duration.ts";
import { MillraceError } from "../errors/errors.ts";
import { assertKnownOptions } from "../errors/known-options.ts";
import { parseCron } from "./schedule-cron.ts";
import { suggest } from "../errors/suggest.ts";
import { parseTimeZone } from "./time-zone.ts";

/** Either `cron`, with or without `timezone`, or `every`, with or without `anchor`. */
export type ScheduleOptions = CronScheduleOptions | IntervalScheduleOptions;

export interface CronScheduleOptions extends SharedScheduleOptions {
  /** Minute, hour, day of month, month, day of week; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. */
  readonly cron: string;
  /** Whose local time the fields are, such as `Europe/Berlin`. Default `UTC`. */
  readonly timezone?: string;
  readonly every?: never;
  readonly anchor?: never;
}

export interface IntervalScheduleOptions extends SharedScheduleOptions {
  /** Elapsed time from fire to fire, at least one second. */
  readonly every: Duration;
  /** Fires are whole steps of `every` before and after this date or instant. Default 1970-01-01, midnight in UTC. */
  readonly anchor?: string;
  readonly cron?: never;
  readonly timezone?: never;
}

export interface SharedScheduleOptions {
  /** While the last run is not FINISHED, it starts again after this time and not only at the next fire. Default: never. */
  readonly fastRecovery?: Duration;
  /** What becomes of fires while no process ran: `none` of them, the `latest` or `all` are made up. Default `latest`. */
  readonly missed?: MissedPolicy;
  /** Fires later than this are not made up any more. Default: however late. */
  readonly maxAge?: Duration;
  /** What happens when a run before is unfinished. Default `skip`. */
  readonly overlap?: OverlapPolicy;
  /** It waits until each of these jobs and pipelines has FINISHED once more since its last run, and none of them is running. */
  readonly dependencies?: readonly string[];
  /** Each run starts a random time later, up to this. Default: none. */
  readonly jitter?: Duration;
  /** Whether a run gets the window from the fire before to its own. Default false. */
  readonly window?: boolean;
  /** What each run is given. */
  readonly params?: Readonly<Record<string, ScheduleParam>>;
}

/** Anything JSON can hold. */
export type ScheduleParam =
  | null
  | boolean
  | number
  | string
  | readonly ScheduleParam[]
  | { readonly [name: string]: ScheduleParam };

export type MissedPolicy = (typeof missedPolicies)[number];

/**
 * `skip`: this fire makes no run · `queue_one`: one run follows when the one before has ended · `allow`: both run ·
 * `cancel_running`: the one before is stopped, and the run follows when it has ended.
 */
export type OverlapPolicy = (typeof overlapPolicies)[number];

const missedPolicies = ["none", "latest", "all"] as const;
const overlapPolicies = ["skip", "queue_one", "allow", "cancel_running"] as const;

export type ScheduleTiming =
  | { readonly kind: "cron"; readonly cron: string; readonly timezone: string }
  | { readonly kind: "interval"; readonly everyMs: number; readonly anchorMs: number };

/** A checked schedule with its defaults filled in. It is plain JSON, as the store keeps it. */
export interface Schedule {
  /** Of this form. A process leaves schedules of a later one to those that know it. */
  readonly version: 1;
  readonly timing: ScheduleTiming;
  readonly fastRecoveryMs: number | null;
  readonly missed: MissedPolicy;
  readonly maxAgeMs: number | null;
  readonly overlap: OverlapPolicy;
  readonly dependencies: readonly string[];
  readonly jitterMs: number;
  readonly window: boolean;
  readonly params: Readonly<Record<string, ScheduleParam>>;
}

const sharedOptions = [
  "fastRecovery",
  "missed",
  "maxAge",
  "overlap",
  "dependencies",
  "jitter",
  "window",
  "params",
] as const;

const knownOptions = ["cron", "timezone", "every", "anchor", ...sharedOptions] as const;

const shortestIntervalMs = 1_000;
const longestJitterMs = 86_400_000;

/**
 * Checks the schedule of a job or pipeline.
 * @param name of that job or pipeline, for messages
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID`
 */
export function createSchedule(name: string, options: ScheduleOptions): Schedule {
  const where = `the schedule of \`${name}\``;
  assertKnownOptions(where, options, knownOptions);
  const timing = toTiming(where, options);
  const { missed = "latest", overlap = "skip", dependencies = [], window = false, params = {} } = options;
  assertOneOf(where, "missed", missed, missedPolicies);
  assertOneOf(where, "overlap", overlap, overlapPolicies);
  assertDependencies(where, name, dependencies);
  if (typeof window !== "boolean") throw refuse(where, "window", "true or false", window);
  if (!paramsSchema.safeParse(params).success) throw refuse(where, "params", "an object of JSON values", params);
  const maxAgeMs = toMs(where, "maxAge", options.maxAge);
  if (maxAgeMs !== null && missed === "none") {
    throw new MillraceError("JOB_INVALID", `${where} has \`maxAge\`, but makes up nothing: \`missed\` is \`none\``);
  }
  const schedule: Schedule = {
    version: 1,
    timing,
    fastRecoveryMs: toMs(where, "fastRecovery", options.fastRecovery, timing),
    missed,
    maxAgeMs,
    overlap,
    dependencies: [...dependencies],
    jitterMs: toMs(where, "jitter", options.jitter, timing) ?? 0,
    window,
    params: structuredClone(params),
  };
  if (schedule.jitterMs > longestJitterMs) throw refuse(where, "jitter", "at most one day", options.jitter);
  return Object.freeze(schedule);
}

/** A definition as the store holds it, or `undefined` when it is of a form that this process does not know. */
export function parseScheduleDefinition(definition: unknown): Schedule | undefined {
  const parsed = scheduleSchema.safeParse(definition);
  if (!parsed.success) return undefined;
  try {
    const { timing } = parsed.data;
    if (timing.kind === "cron") {
      parseCron(timing.cron);
      parseTimeZone(timing.timezone);
    }
    return parsed.data;
  } catch {
    // Another release may know other zones and fields.
    return undefined;
  }
}

/** When it fires, in the words of its definition: `0 6 * * 1-5 Europe/Berlin`, `every 4h`. */
export function describeTiming(timing: ScheduleTiming): string {
  return timing.kind === "cron" ? `${timing.cron} ${timing.timezone}` : `every ${formatDuration(timing.everyMs)}`;
}

const paramsSchema: z.ZodType<Readonly<Record<string, ScheduleParam>>> = z.record(z.string(), z.json());

const positiveMs = z.int().positive();

const scheduleSchema: z.ZodType<Schedule> = z.strictObject({
  version: z.literal(1),
  timing: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("cron"), cron: z.string(), timezone: z.string() }),
    z.strictObject({ kind: z.literal("interval"), everyMs: positiveMs, anchorMs: z.int() }),
  ]),
  fastRecoveryMs: positiveMs.nullable(),
  missed: z.enum(missedPolicies),
  maxAgeMs: positiveMs.nullable(),
  overlap: z.enum(overlapPolicies),
  dependencies: z.array(z.string()),
  jitterMs: z.int().nonnegative(),
  window: z.boolean(),
  params: paramsSchema,
});

function toTiming(where: string, { cron, timezone, every, anchor }: ScheduleOptions): ScheduleTiming {
  if ((cron === undefined) === (every === undefined)) {
    const got = cron === undefined ? "neither" : "both";
    throw new MillraceError("JOB_INVALID", `expected ${where} to have either \`cron\` or \`every\`, got: \`${got}\``, {
      hint: 'for example { every: "4h" } or { cron: "0 6 * * 1-5", timezone: "Europe/Berlin" }',
    });
  }
  if (cron !== undefined) {
    if (anchor !== undefined) throw misplaced(where, "anchor", "every");
    if (typeof cron !== "string") throw refuse(where, "cron", "text", cron);
    parseCron(cron);
    parseTimeZone(timezone ?? "UTC");
    return { kind: "cron", cron: cron.trim(), timezone: timezone ?? "UTC" };
  }
  if (timezone !== undefined) throw misplaced(where, "timezone", "cron");
  const everyMs = toMs(where, "every", every) ?? 0;
  return { kind: "interval", everyMs, anchorMs: anchor === undefined ? 0 : toAnchorMs(where, anchor) };
}

function toMs(where: string, option: string, text: Duration | undefined, timing?: ScheduleTiming): number | null {
  if (text === undefined) return null;
  if (typeof text !== "string") throw refuse(where, option, 'a duration such as "30m"', text);
  const ms = /^\s*-/.test(text) ? -1 : parseDuration(text, option);
  if (ms < shortestIntervalMs) throw refuse(where, option, "at least one second", text);
  if (timing?.kind === "interval" && ms >= timing.everyMs) {
    throw refuse(where, option, `shorter than \`every\` (${formatDuration(timing.everyMs)})`, text);
  }
  return ms;
}

const anchorPattern = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

function toAnchorMs(where: string, anchor: string): number {
  const ms = anchorPattern.test(anchor) ? Date.parse(anchor.replace(" ", "T")) : Number.NaN;
  if (Number.isNaN(ms)) throw refuse(where, "anchor", "a date or an instant with a zone", anchor);
  return ms;
}

function assertDependencies(where: string, name: string, dependencies: unknown): void {
  const valid = Array.isArray(dependencies) && dependencies.every((entry) => typeof entry === "string" && entry !== "");
  if (!valid) throw refuse(where, "dependencies", "a list of names of jobs", dependencies);
  if (new Set(dependencies).size < dependencies.length) {
    throw refuse(where, "dependencies", "without duplicates", dependencies);
  }
  if (dependencies.includes(name)) throw refuse(where, "dependencies", "other jobs than its own", name);
}

function assertOneOf(where: string, option: string, value: unknown, known: readonly string[]): void {
  if (typeof value === "string" && known.includes(value)) return;
  const message = `expected \`${option}\` of ${where} to be one of ${known.join(", ")}${suggest(String(value), known)}`;
  throw new MillraceError("JOB_INVALID", `${message}, got: \`${String(value)}\``);
}

function misplaced(where: string, option: string, owner: string): MillraceError {
  return new MillraceError("JOB_INVALID", `\`${option}\` of ${where} goes with \`${owner}\` alone`);
}

function refuse(where: string, option: string, expected: string, got: unknown): MillraceError {
  const text = typeof got === "string" ? got : JSON.stringify(got);
  return new MillraceError("JOB_INVALID", `expected \`${option}\` of ${where} to be ${expected}, got: \`${text}\``);
}
