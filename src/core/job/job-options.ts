// Defines and parses the options that every constructor of jobs takes.
import { z } from "zod";
import { type MetricRuleOptions, metricRulesOption } from "../metric/metric-rules.ts";
import { assertName } from "../name.ts";
import { type CapabilityNeeds, capabilityNeedsSpec } from "./capabilities.ts";
import type { Duration } from "../duration.ts";
import { assertChannel } from "../notification/assert-channel.ts";
import { type JobNotifications, jobNotificationsSpec } from "../notification/notification-rule.ts";
import { MillraceError } from "../errors/errors.ts";
import { type RetryPolicyOptions, retrySpec } from "../recovery/retry-policy.ts";
import { type SlaOptions, slaSpec } from "../schedule/sla.ts";
import { type ScheduleOptions, scheduleSpec } from "../schedule/schedule.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { choice, duration, integer, name, schemaOption, text } from "../spec/option-values.ts";
import { parseOptions } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";

/** What a job is for: a label and a set of defaults, never a class. */
export type JobPurpose = (typeof jobPurposes)[number];

const jobPurposes = [
  "authentication",
  "initiation",
  "status_check",
  "extraction",
  "preparation",
  "egression",
  "validation",
  "ingestion",
  "processing",
  "aggregation",
  "utility",
  "ml",
] as const;

/** Refinement of the data the job makes. */
export type JobLayer = "bronze" | "silver" | "gold";

/** What every constructor of jobs takes. */
export interface JobOptions<Name extends string = string, Config = unknown, Params = unknown, Input = unknown> {
  /** `[a-z][a-z0-9_]*`, unique in the project. */
  readonly name: Name;
  /** One line for lists. */
  readonly description?: string;
  readonly purpose?: JobPurpose;
  readonly layer?: JobLayer;
  /** Schema of what does not change from run to run; its values are under `config.<name>` of millrace.config.ts. */
  readonly config?: z.ZodType<Config>;
  /** What a run is given. A person is refused a param that no job of the run declares; what others give too much is dropped with a notice. */
  readonly params?: z.ZodType<Params, Input>;
  readonly retry?: RetryPolicyOptions;
  /** The attempt is aborted after this time. Default: none. */
  readonly timeout?: Duration;
  /** Runs of this job that may execute at once, over all workers. Default: as many as there are slots. */
  readonly concurrency?: number;
  /** A pool of `config.pools` that its runs share slots of. */
  readonly pool?: string;
  /** Connections it uses: each may limit how many runs use it, and holds them back while its breaker is open. */
  readonly connections?: readonly string[];
  /** Smaller is started first, from -1000 to 1000. Default 0. */
  readonly priority?: number;
  /**
   * Where `execute` runs: in the worker's own thread, in a thread or in a process of its own. Only the last two can be
   * killed while they compute without a pause. Default `inline`.
   */
  readonly isolation?: JobIsolation;
  /** What not every place has: `{ spark: true }` starts nowhere else, `{ spark: { fallback: "duckdb" } }` is told to the job. */
  readonly needs?: CapabilityNeeds;
  /** When it starts by itself. Default: only when it is asked to. */
  readonly schedule?: ScheduleOptions;
  /** By when its runs are to have finished. Default: whenever they do. */
  readonly sla?: SlaOptions;
  /** Thresholds of figures that it records with `ctx.metric`, by name. */
  readonly metrics?: Readonly<Record<string, MetricRuleOptions>>;
  /** Who is told of what, beside those that rules of the configuration name: event → channels. */
  readonly notifications?: JobNotifications;
}

export type JobIsolation = (typeof jobIsolations)[number];

const jobIsolations = ["inline", "thread", "process"] as const;

export const jobOptionsSpec: Spec<JobOptions> = defineSpec<JobOptions>()(() => ({
  name: name().describe("unique in the project"),
  description: optional(z.string()).describe("one line for lists"),
  purpose: optional(choice(jobPurposes)).describe("what it is for: a label for lists and graphs"),
  layer: optional(choice(["bronze", "silver", "gold"])).describe("refinement of the data it makes: a label"),
  config: optional(schemaOption<z.ZodType>()).describe(
    "what is the same for every run; the values are under `config.<name>` of millrace.config.ts",
  ),
  params: optional(schemaOption<z.ZodType>()).describe(
    "what a run is given; without it, whatever comes. Where all jobs of a run declare params, a person who starts it is refused one that none of them declares; what a schedule, `exec` or another job gives too much is dropped with a notice",
  ),
  retry: optional(retrySpec.schema, "the defaults of its options").describe("how a failed attempt is tried again"),
  timeout: optional(duration()).describe("an attempt is aborted after this time"),
  concurrency: optional(integer(1), "as many as there are slots").describe(
    "runs of this job that may execute at once, over all workers",
  ),
  pool: optional(limitName()).describe("a pool of `limits.pools` in the configuration that its runs share slots of"),
  connections: expecting("a list of names of connections", limitName().array().readonly())
    .default([])
    .describe(
      "connections it uses: each may limit how many runs use it, and holds them back while its breaker is open",
    ),
  priority: integer(-1_000, 1_000).default(0).describe("smaller is started first"),
  isolation: choice(jobIsolations)
    .default("inline")
    .describe(
      "where `execute` runs: in the worker's own thread, in a thread or in a process of its own; only the last two can be killed while they compute without a pause",
    ),
  needs: optional(capabilityNeedsSpec.schema, "nothing").describe(
    'what not every place [has](jobs.md#what-a-place-has): `{ spark: true }` starts nowhere else, `{ spark: { fallback: "duckdb" } }` is told to the job',
  ),
  schedule: optional(scheduleSpec.schema, "only when it is asked to").describe("when it starts by itself"),
  sla: optional(slaSpec.schema, "whenever they do").describe("by when its runs are to have finished"),
  metrics: optional(metricRulesOption()).describe(
    "thresholds of figures that its runs record, by name: `min`, `max`, `unit`, and `onBreach` which is `warn` or `fail`",
  ),
  notifications: optional(jobNotificationsSpec.schema, "those that rules of the configuration name").describe(
    "who is told of what: event → channels, by name or as they are; see [notifications](notifications.md)",
  ),
}));

/**
 * The options of a job with their defaults.
 * @throws MillraceError `JOB_INVALID` naming the job, or what was meant to be its name
 */
export function parseJobOptions<Filled extends { readonly name: string; readonly notifications?: JobNotifications }>(
  spec: Spec<unknown, Filled>,
  definition: unknown,
): Filled {
  const given: unknown = typeof definition === "object" && definition !== null ? Reflect.get(definition, "name") : "";
  const isNamed = typeof given === "string" && given !== "";
  const where = isNamed ? `job \`${given}\`` : "a job";
  assertTemplate(definition, where);
  const options = parseOptions(spec, definition, where);
  assertName("job", options.name);
  assertNotifications(where, options.notifications);
  return options;
}

function assertNotifications(where: string, notifications: JobNotifications = {}): void {
  for (const [event, references = []] of Object.entries(notifications)) {
    for (const [index, reference] of references.entries()) {
      if (typeof reference === "string") continue;
      assertChannel(where, ["notifications", event, index], reference, "JOB_INVALID");
    }
  }
}

/** How a run goes is the same for all jobs: what is written down of it, tried again and told would otherwise depend on each. */
function assertTemplate(definition: unknown, where: string): void {
  if (typeof definition !== "object" || definition === null || !("run" in definition)) return;
  throw new MillraceError(
    "JOB_INVALID",
    `${where} cannot have a \`run\` of its own: how a run goes is not its to say`,
    {
      hint: "write `execute`, `onSuccess` and `onFailure`, which a run calls",
      details: { option: ["run"] },
    },
  );
}

function limitName(): z.ZodString {
  return expecting("a name of lower case letters, digits, `_` and `-`", text().regex(/^[a-z][a-z0-9_-]{0,99}$/));
}
