// A schedule: when a job or pipeline starts by itself, and what happens when it could not. A definition that would never
// fire, or mean something else than it says, is refused when it is made.
import { z } from "zod";
import { type Duration, formatDuration, parseDuration } from "../duration.ts";
import { MillraceError } from "../errors/errors.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { choice, duration, text, texts } from "../spec/option-values.ts";
import { parseOptions, refusal } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import { parseCron } from "./schedule-cron.ts";
import { parseTimeZone } from "./time-zone.ts";

/** One of `cron` (with `timezone`), `every` (with `anchor`), `after` (with `any`) and `files`. */
export type ScheduleOptions =
  | CronScheduleOptions
  | IntervalScheduleOptions
  | DatasetScheduleOptions
  | FileScheduleOptions;

/** It starts when datasets have new versions. */
export interface DatasetScheduleOptions extends TriggerScheduleOptions {
  /** Datasets each of which has a version that is newer than at the last fire. */
  readonly after: readonly string[];
  /** Whether one of them is enough. Default false. */
  readonly any?: boolean;
  readonly files?: never;
}

/** It starts when files have come. */
export interface FileScheduleOptions extends TriggerScheduleOptions {
  readonly files: {
    /** A pattern such as `inbox/*.csv`, in the project. */
    readonly path: string;
    /** From look to look; a file that did not change in between is there. Default `1m`. */
    readonly every?: Duration;
  };
  readonly after?: never;
  readonly any?: never;
}

/** What schedules have that wait for something. */
export interface TriggerScheduleOptions extends Pick<
  SharedScheduleOptions,
  "overlap" | "dependencies" | "jitter" | "params"
> {
  readonly cron?: never;
  readonly timezone?: never;
  readonly every?: never;
  readonly anchor?: never;
  readonly fastRecovery?: never;
  readonly missed?: never;
  readonly maxAge?: never;
  readonly window?: never;
}

export interface CronScheduleOptions extends SharedScheduleOptions {
  /** Minute, hour, day of month, month, day of week; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. */
  readonly cron: string;
  /** Time zone of the fields, such as `Europe/Berlin`. Default `UTC`. */
  readonly timezone?: string;
  readonly every?: never;
  readonly anchor?: never;
  readonly after?: never;
  readonly any?: never;
  readonly files?: never;
}

export interface IntervalScheduleOptions extends SharedScheduleOptions {
  /** Elapsed time from fire to fire, at least one second. */
  readonly every: Duration;
  /** Fires are whole steps of `every` before and after this date or instant. Default 1970-01-01, midnight in UTC. */
  readonly anchor?: string;
  readonly cron?: never;
  readonly timezone?: never;
  readonly after?: never;
  readonly any?: never;
  readonly files?: never;
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

export const missedPolicies = ["none", "latest", "all"] as const;
export const overlapPolicies = ["skip", "queue_one", "allow", "cancel_running"] as const;

export type ScheduleTiming =
  | { readonly kind: "cron"; readonly cron: string; readonly timezone: string }
  | { readonly kind: "interval"; readonly everyMs: number; readonly anchorMs: number }
  | TriggerTiming;

/** What is looked for, and how often. When it comes is not known before. */
export type TriggerTiming =
  | { readonly kind: "datasets"; readonly datasets: readonly string[]; readonly any: boolean; readonly everyMs: number }
  | { readonly kind: "files"; readonly path: string; readonly everyMs: number };

/** A checked schedule with its defaults filled in. It is plain JSON, as the store keeps it. */
export interface Schedule {
  /** Version of this form. A process leaves schedules of a later one to those that know it. */
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

const shortestIntervalMs = 1_000;
const longestJitterMs = 86_400_000;

const spec = defineSpec<ScheduleOptions>()(() => ({
  cron: optional(text("a cron expression")).describe(
    "minute, hour, day of month, month, day of week; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`",
  ),
  timezone: optional(text("a time zone"), '`"UTC"`').describe(
    "whose local time the fields of `cron` are, such as `Europe/Berlin`",
  ),
  every: optional(interval()).describe("elapsed time from fire to fire; either this or `cron`"),
  anchor: optional(
    expecting(
      "a date or an instant with a zone",
      z.string().refine((anchor) => !Number.isNaN(toAnchorMs(anchor))),
    ),
    "1970-01-01, midnight in UTC",
  ).describe("fires are whole steps of `every` before and after this date or instant"),
  after: optional(texts("names of datasets")).describe(
    "it starts when each of these datasets has a version that is newer than at its last run",
  ),
  any: optional(z.boolean(), "false").describe("whether one of the datasets of `after` is enough"),
  files: optional(
    expecting(
      "an object with `path`, and `every`",
      z.strictObject({ path: text("a pattern of paths"), every: interval().optional() }),
    ) as unknown as z.ZodType<FileScheduleOptions["files"], FileScheduleOptions["files"]>,
  ).describe(
    "it starts when files have come that fit `path`, such as `inbox/*.csv`, and did not change from one look to the next, `every` 1 minute; the run gets them as param `files`",
  ),
  fastRecovery: optional(interval(), "never").describe(
    "while the last run is not FINISHED, it starts again after this time and not only at the next fire",
  ),
  // No default in the spec: the spec of a job fills those in, and beside `after` and `files` it must not be there.
  missed: optional(choice(missedPolicies), '`"latest"`').describe(
    "what becomes of fires while no process ran: `none` of them, the `latest` or `all` are made up",
  ),
  maxAge: optional(interval(), "however late").describe("fires later than this are not made up any more"),
  overlap: choice(overlapPolicies)
    .default("skip")
    .describe(
      "when a run before is unfinished: `skip` makes no run, `queue_one` makes one that follows when the one before has ended, `allow` makes both run, `cancel_running` stops the one before",
    ),
  dependencies: texts("names of jobs", 0)
    .default([])
    .describe(
      "it waits until each of these jobs and pipelines has FINISHED once more since its last run, and none of them is running",
    ),
  jitter: optional(
    duration(
      "a duration from one second to one day, such as `5m`",
      (ms) => ms >= shortestIntervalMs && ms <= longestJitterMs,
    ),
  ).describe("each run starts a random time later, up to this"),
  window: optional(z.boolean(), "`false`").describe("whether a run gets the window from the fire before to its own"),
  params: expecting("an object of JSON values", scheduleParamsSchema).default({}).describe("what each run is given"),
}));

export const scheduleSpec: Spec<ScheduleOptions> = spec;

function interval(): z.ZodType<Duration, Duration> {
  return duration("a duration of at least one second, such as `30m`", (ms) => ms >= shortestIntervalMs);
}

/**
 * Checks the schedule of a job or pipeline.
 * @param name of that job or pipeline, for messages
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID`
 */
export function createSchedule(name: string, options: ScheduleOptions): Schedule {
  const where = `the schedule of \`${name}\``;
  const parsed = parseOptions(spec, options, where);
  const { missed = "latest", overlap, dependencies, window = false, params, ...times } = parsed;
  if (times.after !== undefined || times.files !== undefined) assertTrigger(where, options);
  const timing = toTiming(where, times);
  assertDependencies(where, name, dependencies);
  if (times.maxAge !== undefined && missed === "none") {
    throw refusal(where, ["maxAge"], "left out, because `missed` is `none`", times.maxAge);
  }
  return Object.freeze({
    version: 1,
    timing,
    fastRecoveryMs: toShorterMs(where, "fastRecovery", times.fastRecovery, timing),
    missed,
    maxAgeMs: toMs(times.maxAge),
    overlap,
    dependencies: [...dependencies],
    jitterMs: toShorterMs(where, "jitter", times.jitter, timing) ?? 0,
    window,
    params: structuredClone(params),
  });
}

type ScheduleParams = Readonly<Record<string, ScheduleParam>>;

/** Whether it waits for something, so that nobody knows when it fires. */
export function isTrigger(timing: ScheduleTiming): timing is TriggerTiming {
  return timing.kind === "datasets" || timing.kind === "files";
}

/** When it fires, in the words of its definition: `0 6 * * 1-5 Europe/Berlin`, `every 4h`. */
export function describeTiming(timing: ScheduleTiming): string {
  switch (timing.kind) {
    case "cron":
      return `${timing.cron} ${timing.timezone}`;
    case "interval":
      return `every ${formatDuration(timing.everyMs)}`;
    case "datasets":
      return `after ${timing.datasets.join(timing.any ? " or " : " and ")}`;
    case "files":
      return `for files ${timing.path}`;
  }
}

/** Anything JSON can hold, by name. */
export const scheduleParamsSchema: z.ZodType<ScheduleParams, ScheduleParams> = z.record(
  z.string(),
  expecting("a JSON value", z.json()),
);

function toTiming(
  where: string,
  options: Pick<ScheduleOptions, "cron" | "timezone" | "every" | "anchor" | "after" | "any" | "files">,
): ScheduleTiming {
  const { cron, timezone, every, anchor, after, any, files } = options;
  const given = Object.entries({ cron, every, after, files }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (given.length !== 1) {
    const got = given.length === 0 ? "none" : given.join(", ");
    const message = `expected ${where} to have one of \`cron\`, \`every\`, \`after\` and \`files\`, got: \`${got}\``;
    throw new MillraceError("JOB_INVALID", message, {
      hint: 'for example { every: "4h" }, { cron: "0 6 * * 1-5", timezone: "Europe/Berlin" } or { after: ["orders"] }',
      details: { option: [given[1] ?? "schedule"] },
    });
  }
  if (any !== undefined && after === undefined) throw misplaced(where, "any", "after");
  const trigger = toTrigger(options);
  if (trigger !== undefined) {
    if (timezone !== undefined) throw misplaced(where, "timezone", "cron");
    if (anchor !== undefined) throw misplaced(where, "anchor", "every");
    return trigger;
  }
  if (cron !== undefined) {
    if (anchor !== undefined) throw misplaced(where, "anchor", "every");
    assertOption("cron", () => parseCron(cron));
    assertOption("timezone", () => parseTimeZone(timezone ?? "UTC"));
    return { kind: "cron", cron: cron.trim(), timezone: timezone ?? "UTC" };
  }
  if (timezone !== undefined) throw misplaced(where, "timezone", "cron");
  return { kind: "interval", everyMs: toMs(every) ?? 0, anchorMs: anchor === undefined ? 0 : toAnchorMs(anchor) };
}

/** How often datasets are looked at, and files unless it is said. */
const datasetLookMs = 5_000;
const fileLookMs = 60_000;

function toTrigger({ after, any, files }: Pick<ScheduleOptions, "after" | "any" | "files">): TriggerTiming | undefined {
  if (after !== undefined) {
    const datasets = [...new Set(after)];
    return { kind: "datasets", datasets, any: any ?? false, everyMs: datasetLookMs };
  }
  return files === undefined
    ? undefined
    : { kind: "files", path: files.path, everyMs: toMs(files.every) ?? fileLookMs };
}

/** What has come is run once, however late; there is no instant that could be missed, and no window between two. */
function assertTrigger(where: string, { missed, maxAge, window, fastRecovery }: ScheduleOptions): void {
  const [useless] = Object.entries({ missed, maxAge, window, fastRecovery }).filter(([, value]) => value !== undefined);
  if (useless !== undefined) throw refusal(where, [useless[0]], "left out beside `after` and `files`", useless[1]);
}

/** What is wrong is said of the option, from here: the stack has to reach the file of the person who wrote it. */
function assertOption(option: string, parse: () => unknown): void {
  try {
    parse();
  } catch (cause) {
    if (!(cause instanceof MillraceError)) throw cause;
    const { code, message, hint } = cause;
    throw new MillraceError(code, message, { cause, details: { option: [option] }, ...(hint ? { hint } : {}) });
  }
}

function toMs(text: Duration | undefined): number | null {
  return text === undefined ? null : parseDuration(text);
}

/** The next fire comes before what is not shorter than the steps. */
function toShorterMs(where: string, option: string, text: Duration | undefined, timing: ScheduleTiming): number | null {
  const ms = toMs(text);
  if (ms !== null && timing.kind === "interval" && ms >= timing.everyMs) {
    throw refusal(where, [option], `shorter than \`every\` (${formatDuration(timing.everyMs)})`, text);
  }
  return ms;
}

const anchorPattern = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** NaN for what is no date and no instant with a zone. */
function toAnchorMs(anchor: string): number {
  return anchorPattern.test(anchor) ? Date.parse(anchor.replace(" ", "T")) : Number.NaN;
}

function assertDependencies(where: string, name: string, dependencies: readonly string[]): void {
  if (new Set(dependencies).size < dependencies.length) {
    throw refusal(where, ["dependencies"], "without duplicates", dependencies);
  }
  if (dependencies.includes(name)) throw refusal(where, ["dependencies"], "other jobs than its own", name);
}

function misplaced(where: string, option: string, owner: string): MillraceError {
  return new MillraceError("JOB_INVALID", `\`${option}\` of ${where} goes with \`${owner}\` alone`, {
    details: { option: [option] },
  });
}
