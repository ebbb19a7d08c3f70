// The job of a join: waits for records of several topics that belong together by a key, and handles them as one.
import { z } from "zod";
import { type Duration, parseDuration } from "../../core/duration.ts";
import { defineJob, type Job, withStream } from "../../core/job/job.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import { type JobOptions, jobOptionsSpec, parseJobOptions } from "../../core/job/job-options.ts";
import { parseSize, type Size, sizePattern } from "../../core/size.ts";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { callback, choice, duration, integer } from "../../core/spec/option-values.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { type StoreDefinition, storesOption } from "../../core/stream/store.ts";
import { isTopic, type Topic, topicOption } from "../../core/stream/topic.ts";
import type { JoinInput, JoinSettings } from "../joins/join-settings.ts";
import { runJoin } from "../joins/run-join.ts";
import type { RecordsResult } from "../members/member-loop.ts";
import { openExtras } from "../worker/stream-extras.ts";
import type { StreamContext } from "../worker/stream-context.ts";
import { type ReplicaOptions, replicasOption, toReplicas } from "./replicas.ts";
import { assertEndless, type DeadLetterOptions, deadLetterOption, type StreamParams } from "./stream-job.ts";

/** Name of the input → its topic. */
export type JoinInputs = Readonly<Record<string, Topic>>;

/** The values of a join by the names of its inputs. */
export type JoinValues<Inputs extends JoinInputs> = {
  readonly [Name in keyof Inputs]: Inputs[Name] extends Topic<string, infer Value> ? Value : never;
};

/** The field of each value that has the key, or for each input what gives it. */
export type JoinBy<Inputs extends JoinInputs> =
  | string
  | {
      readonly [Name in keyof Inputs]: Inputs[Name] extends Topic<string, infer Value>
        ? (value: Value) => string | number
        : never;
    };

/** `Expired` is `emit` where the handler is also called for keys of which something is missing. */
export interface JoinJobDefinition<
  Name extends string = string,
  Inputs extends JoinInputs = JoinInputs,
  Expired extends "deadLetter" | "emit" | "drop" = "deadLetter" | "emit" | "drop",
  Config = unknown,
> extends Omit<JobOptions<Name, Config>, "params" | "schedule" | "sla" | "timeout"> {
  readonly by: JoinBy<Inputs>;
  /** 2 to 30 topics of as many partitions each, kept by the key of the join. */
  readonly inputs: Inputs;
  /** How long a key waits for what is missing: from the time at which its first record happened. */
  readonly expire: Duration;
  /** What becomes of what has come when time is over: `deadLetter` keeps it for people, `emit` calls the handler with it. Default `deadLetter`. */
  readonly onExpire?: Expired;
  /** Which record counts where an input comes twice before the key is complete. Default `last`. */
  readonly duplicates?: "first" | "last";
  /** What an input does that comes after the key was handled and before its time is over: `again` calls the handler once more. Default `ignore`. */
  readonly late?: "ignore" | "again";
  /** Keys that may wait at once in all partitions; no more is read then until some are done or expire. Default 1,000,000. */
  readonly maxKeys?: number;
  /** Of what has come of a key; a record that makes it more is a dead letter. Default `1MB`. */
  readonly maxBytesPerKey?: Size;
  /** Called once for each key, with all of its values. */
  readonly handle: (
    values: Expired extends "emit" ? Partial<JoinValues<Inputs>> : JoinValues<Inputs>,
    ctx: StreamContext<Config>,
  ) => unknown;
  /** Where what `handle` returns is produced; undefined produces nothing. */
  readonly output?: Topic;
  /** Runs that share the partitions. Default 1. */
  readonly replicas?: number | ReplicaOptions;
  /** Keys of a partition that are handled at once. Default 1. */
  readonly lanes?: number;
  readonly deadLetter?: DeadLetterOptions;
  /** Where it begins in topics that it has not read before. Default `earliest`. */
  readonly startAt?: "earliest" | "latest";
  /** Stores that `handle` looks into with `ctx.store`: each run keeps copies of them up to date where it executes. */
  readonly stores?: readonly StoreDefinition[];
}

type OwnOptions = Pick<
  JoinJobDefinition,
  | "by"
  | "inputs"
  | "expire"
  | "onExpire"
  | "duplicates"
  | "late"
  | "maxKeys"
  | "maxBytesPerKey"
  | "handle"
  | "output"
  | "replicas"
  | "lanes"
  | "deadLetter"
  | "startAt"
  | "stores"
>;

export const joinJobSpec: Spec<OwnOptions & JobOptions> = defineSpec<OwnOptions, JobOptions>(jobOptionsSpec)(() => ({
  by: byOption().describe("the field of each value that has the key, or `{ input: (value) => key }`"),
  inputs: expecting("an object of topics by name", z.record(z.string(), topicOption())).describe(
    "name → topic, 2 to 30 of as many partitions each, kept by the key of the join",
  ),
  expire: duration().describe(
    "how long a key waits for what is missing, from the time at which its first record happened; exact also after a restart",
  ),
  onExpire: choice(["deadLetter", "emit", "drop"])
    .default("deadLetter")
    .describe(
      "when time is over: `deadLetter` keeps what has come for people, `emit` calls the handler with it, `drop` forgets it",
    ),
  duplicates: choice(["first", "last"])
    .default("last")
    .describe("which record counts where an input comes twice before the key is complete"),
  late: choice(["ignore", "again"])
    .default("ignore")
    .describe(
      "an input that comes after the key was handled and before its time is over: `ignore`, or call the handler `again`",
    ),
  maxKeys: integer(1)
    .default(1_000_000)
    .describe("keys that may wait at once in all partitions; no more is read until some are done or expire"),
  maxBytesPerKey: expecting("a size such as `1MB`", z.string().regex(sizePattern))
    .default("1MB")
    .describe("of what has come of a key; a record that makes it more is a dead letter"),
  handle: callback<OwnOptions["handle"]>().describe("called once for each key, with all of its values by input"),
  output: optional(topicOption()).describe(
    "where what `handle` returns is produced, in the transaction of the offsets on the embedded log",
  ),
  replicas: optional(replicasOption(), "1").describe(
    "runs that share the partitions, kept alive by the scheduler: as many, or between `min` and `max`, one for each `lag` records that wait",
  ),
  lanes: integer(1, 1_000).default(1).describe("keys of a partition that are handled at once"),
  deadLetter: optional(deadLetterOption(), '`{ after: 5, wait: "1s" }`').describe(
    "`after`: tries until what has come of a key goes to the dead letters; `wait`: before the second, doubled with each up to five minutes",
  ),
  startAt: choice(["earliest", "latest"])
    .default("earliest")
    .describe("where it begins in topics that it has not read before"),
  stores: storesOption()
    .default([])
    .describe("stores that `handle` looks into with `ctx.store`; each run keeps copies of them up to date"),
}));

/**
 * Defines a job that joins topics by a key: a durable row for each key holds what has come, and the handler is called when all of it is
 * there. Row, offsets and what the handler produces are written in one transaction, so on the embedded log a key is emitted exactly once.
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` when the definition is wrong
 */
export function joinJob<
  const Name extends string,
  const Inputs extends JoinInputs,
  Expired extends "deadLetter" | "emit" | "drop" = "deadLetter",
  Config = unknown,
>(definition: JoinJobDefinition<Name, Inputs, Expired, Config>): Job<Name, StreamParams, RecordsResult> {
  // the options are the same whatever the values are
  const options = parseJobOptions(joinJobSpec, definition as unknown as JoinJobDefinition);
  assertEndless(options);
  const settings = toSettings(options);
  const replicas = toReplicas(`job \`${options.name}\``, options.replicas);
  const { by: _by, inputs, expire: _expire, onExpire: _onExpire, duplicates: _duplicates, ...more } = definition;
  const { late: _late, maxKeys: _maxKeys, maxBytesPerKey: _maxBytes, handle, output, ...rest } = more;
  const { replicas: _replicas, lanes: _lanes, deadLetter: _deadLetter, startAt: _startAt, ...named } = rest;
  const { stores = [], ...common } = named;
  const job = defineJob({
    ...common,
    params: z.object({ replica: z.int().min(0).optional() }),
    execute: async (ctx) => {
      const context = ctx as JobContext;
      const { replica = 0 } = ctx.params;
      const extras = await openExtras(context, { stores });
      return await runJoin({ ctx: context, settings, extras, isSurplus: replica >= replicas.min });
    },
  });
  const withCode = Object.freeze({ ...job, codeText: () => [String(handle)] });
  return withStream(withCode, {
    kind: "join",
    group: options.name,
    topics: Object.values(inputs),
    produces: output === undefined ? [] : [output],
    stores,
    replicas,
    trigger: undefined,
    startAt: settings.startAt,
  });
}

function toSettings(options: OwnOptions & JobOptions): JoinSettings {
  const { name, inputs, by, deadLetter, expire, handle } = options;
  const where = `job \`${name}\``;
  const entries = Object.entries(inputs);
  if (entries.length < 2 || entries.length > 30) throw refusal(where, ["inputs"], "2 to 30 topics", entries.length);
  assertAlike(where, entries);
  return {
    group: name,
    job: name,
    inputs: entries.map(([input, topic]) => toInput(where, input, topic, by)),
    expireMs: parseDuration(expire),
    onExpire: options.onExpire ?? "deadLetter",
    duplicates: options.duplicates ?? "last",
    late: options.late ?? "ignore",
    maxKeys: options.maxKeys ?? 1_000_000,
    maxBytesPerKey: parseSize(options.maxBytesPerKey ?? "1MB"),
    handle,
    output: options.output,
    startAt: options.startAt ?? "earliest",
    lanes: options.lanes ?? 1,
    deadLetterAfter: deadLetter?.after ?? 5,
    retryWaitMs: parseDuration(deadLetter?.wait ?? "1s"),
  };
}

function toInput(where: string, name: string, topic: Topic, by: OwnOptions["by"]): JoinInput {
  if (typeof by === "string") {
    const keyOf = (value: unknown): unknown =>
      typeof value === "object" && value !== null ? Reflect.get(value, by) : undefined;
    return { name, topic, keyOf };
  }
  const keyOf: unknown = (by as Readonly<Record<string, unknown>>)[name];
  if (typeof keyOf !== "function") throw refusal(where, ["by", name], "a function from a value to its key", keyOf);
  return { name, topic, keyOf: keyOf as JoinInput["keyOf"] };
}

// What belongs together lies in partitions of the same number only where there are as many.
function assertAlike(where: string, inputs: readonly (readonly [string, Topic])[]): void {
  const [[, first] = []] = inputs;
  const names = new Set<string>();
  for (const [input, topic] of inputs) {
    if (names.has(topic.name)) throw refusal(where, ["inputs", input], "a topic that no other input reads", topic.name);
    names.add(topic.name);
    if (topic.partitions === first?.partitions) continue;
    throw refusal(
      where,
      ["inputs", input],
      `a topic of \`${first?.partitions}\` partitions as the others`,
      topic.partitions,
    );
  }
}

function byOption(): z.ZodType<OwnOptions["by"], OwnOptions["by"]> {
  return expecting(
    "the name of a field, or an object of functions by input",
    z.custom<OwnOptions["by"]>(
      (value) =>
        (typeof value === "string" && value !== "") || (typeof value === "object" && value !== null && !isTopic(value)),
    ),
  );
}
