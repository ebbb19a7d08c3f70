// The job of a stream: works through the records of a topic as they come, in runs that are kept alive.
import { z } from "zod";
import { parseDuration, type Duration } from "../../core/duration.ts";
import { defineJob, type Job, withStream } from "../../core/job/job.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import { type JobOptions, jobOptionsSpec, parseJobOptions } from "../../core/job/job-options.ts";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { callback, choice, duration, integer } from "../../core/spec/option-values.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { type StoreDefinition, storesOption } from "../../core/stream/store.ts";
import { type Topic, topicOption } from "../../core/stream/topic.ts";
import type { RecordsResult } from "../members/member-loop.ts";
import { runRecords } from "../members/run-records.ts";
import { type BatchJobDefinition, batchJob } from "../batches/batch-job.ts";
import type { BatchParams } from "../batches/batch-params.ts";
import { openExtras } from "../worker/stream-extras.ts";
import type { StreamContext } from "../worker/stream-context.ts";
import type { FailurePolicy, RecordHandler } from "../worker/worker-settings.ts";
import { toReplaySettings } from "../replay/replay-settings.ts";
import { type ReplicaOptions, replicasOption, toReplicas } from "./replicas.ts";

/** When a record that fails is given up. */
export interface DeadLetterOptions {
  /** Tries, those that ended with their process too. Default 5. */
  readonly after?: number;
  /** Before the second try; doubles with each, up to five minutes. Default `1s`. */
  readonly wait?: Duration;
}

/** `Value` is what a record of the topic is after its schema. */
export interface StreamJobDefinition<Name extends string = string, Value = unknown, Config = unknown> extends Omit<
  JobOptions<Name, Config>,
  "params" | "schedule" | "sla" | "timeout"
> {
  readonly topic: Topic<string, Value>;
  /**
   * Handles one record. What it throws decides by its class what becomes of the record: what is transient is tried again, all
   * else goes to the dead letters at once.
   */
  readonly handle: (value: Value, ctx: StreamContext<Config, StreamParams>) => unknown;
  /** Runs that share the partitions: as many, or between two numbers by what waits. Default 1. */
  readonly replicas?: number | ReplicaOptions;
  /** Records of a partition in work at once; those of one key stay in order. Default 1. */
  readonly lanes?: number;
  readonly deadLetter?: DeadLetterOptions;
  /** What happens while a record waits for its next try. Default `park`. */
  readonly onFailure?: FailurePolicy;
  /** Where it begins in a topic that it has not read before. Default `earliest`. */
  readonly startAt?: "earliest" | "latest";
  /** Topics that it produces into, for graphs. */
  readonly produces?: readonly Topic[];
  /** Stores that `handle` looks into with `ctx.store`: each run keeps copies of them up to date where it executes. */
  readonly stores?: readonly StoreDefinition[];
}

type OwnOptions = Pick<
  StreamJobDefinition,
  "topic" | "handle" | "replicas" | "lanes" | "deadLetter" | "onFailure" | "startAt" | "produces" | "stores"
>;

export const streamJobSpec: Spec<OwnOptions & JobOptions> = defineSpec<OwnOptions, JobOptions>(jobOptionsSpec)(() => ({
  topic: topicOption().describe("what it reads"),
  handle: callback<OwnOptions["handle"]>().describe(
    "handles one record; of what it throws, what is transient is tried again, all else goes to the dead letters at once",
  ),
  replicas: optional(replicasOption(), "1").describe(
    "runs that share the partitions, kept alive by the scheduler: as many, or between `min` and `max`, one for each `lag` records that wait",
  ),
  lanes: integer(1, 1_000)
    .default(1)
    .describe("records of a partition in work at once; those of one key stay in order"),
  deadLetter: optional(deadLetterOption(), '`{ after: 5, wait: "1s" }`').describe(
    "`after`: tries until a record goes to the dead letters, those that ended with their process too; `wait`: before the second, doubled with each up to five minutes",
  ),
  onFailure: choice(["park", "block"])
    .default("park")
    .describe(
      "while a record waits for its next try: `park` lets others go on, but those of its key wait behind it; `block` lets its lane wait",
    ),
  startAt: choice(["earliest", "latest"])
    .default("earliest")
    .describe("where it begins in a topic that it has not read before"),
  produces: expecting("a list of topics", z.array(topicOption()).readonly())
    .default([])
    .describe("topics that it produces into, for graphs"),
  stores: storesOption()
    .default([])
    .describe("stores that `handle` looks into with `ctx.store`; each run keeps copies of them up to date"),
}));

/** What a run of such a job is given. */
export interface StreamParams {
  /** Its number among those that share the work, from 0. */
  readonly replica?: number | undefined;
}

/**
 * Defines a job that works through a topic. Without `batch` it handles records as they come: its runs never end by themselves, they
 * are kept alive by the scheduler, and each holds a share of the partitions. With `batch` each run works through one batch, which the
 * scheduler makes of what has come; batches follow each other, and a retry reads the same records.
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` when the definition is wrong
 */
export function streamJob<const Name extends string, Value = unknown, Config = unknown, Returned = unknown>(
  definition: BatchJobDefinition<Name, Value, Config, Returned>,
): Job<Name, BatchParams, Awaited<Returned>>;
export function streamJob<const Name extends string, Value = unknown, Config = unknown>(
  definition: StreamJobDefinition<Name, Value, Config>,
): Job<Name, StreamParams, RecordsResult>;
export function streamJob(definition: StreamJobDefinition | BatchJobDefinition): unknown {
  return isOfBatches(definition) ? batchJob(definition) : recordsJob(definition);
}

function isOfBatches(definition: StreamJobDefinition | BatchJobDefinition): definition is BatchJobDefinition {
  return "batch" in definition && definition.batch !== undefined;
}

function recordsJob<const Name extends string, Value, Config>(
  definition: StreamJobDefinition<Name, Value, Config>,
): Job<Name, StreamParams, RecordsResult> {
  const options = parseJobOptions(streamJobSpec, definition);
  assertEndless(options);
  const {
    topic,
    handle,
    replicas: declared,
    lanes,
    deadLetter,
    onFailure,
    startAt,
    produces,
    stores,
    ...common
  } = definition;
  const { name } = options;
  const replicas = toReplicas(`job \`${name}\``, declared);
  const settings = {
    group: name,
    job: name,
    topic,
    startAt: startAt ?? "earliest",
    // What the topic's schema made is what the handler is written for.
    handle: handle as RecordHandler,
    lanes: lanes ?? 1,
    deadLetterAfter: deadLetter?.after ?? 5,
    retryWaitMs: parseDuration(deadLetter?.wait ?? "1s"),
    onFailure: onFailure ?? "park",
  };
  const job = defineJob({
    ...common,
    params: z.object({ replica: z.int().min(0).optional() }),
    execute: async (ctx) => {
      const context = ctx as JobContext;
      const { replica = 0 } = ctx.params;
      const extras = await openExtras(context, { stores: stores ?? [] });
      if (context.run.replay !== undefined) {
        const replayed = await toReplaySettings(context, settings);
        return await runRecords({ ctx: context, settings: replayed, extras });
      }
      return await runRecords({ ctx: context, settings, extras, isSurplus: replica >= replicas.min });
    },
  });
  const withCode = Object.freeze({ ...job, codeText: () => [String(handle)] });
  return withStream(withCode, {
    kind: "records",
    group: name,
    topics: [topic],
    produces: produces ?? [],
    stores: stores ?? [],
    replicas,
    trigger: undefined,
    startAt: settings.startAt,
  });
}

/** Its runs go on for months, so what is about the time of a run says nothing. @throws MillraceError `JOB_INVALID` */
export function assertEndless(options: JobOptions): void {
  for (const option of ["params", "schedule", "sla", "timeout"] as const) {
    if (options[option] === undefined) continue;
    throw refusal(`job \`${options.name}\``, [option], "left out: its runs are kept alive and have no end", undefined);
  }
}

/** An option of stream jobs. */
export function deadLetterOption(): z.ZodType<DeadLetterOptions, DeadLetterOptions> {
  const schema = z.strictObject({ after: integer(1, 100).optional(), wait: duration().optional() });
  return expecting("an object with `after` and `wait`", schema) as unknown as z.ZodType<
    DeadLetterOptions,
    DeadLetterOptions
  >;
}
