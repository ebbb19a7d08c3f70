// A topic as a project defines it: the name that producers and workers share, and the shape of its records.
import { z } from "zod";
import { type Duration, parseDuration } from "../duration.ts";
import { assertName } from "../name.ts";
import { parseSize, type Size, sizePattern } from "../size.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { callback, duration, integer, name as topicName, schemaOption } from "../spec/option-values.ts";
import { parseOptions, refusal } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";

/** `Value` is what a handler sees of a record, `Input` what may be produced. */
export interface TopicOptions<Name extends string = string, Value = unknown, Input = unknown> {
  /** `[a-z][a-z0-9_]*`, unique in the project. */
  readonly name: Name;
  /** How many partitions it has: as many workers of a job share the work at most. Can be raised, never lowered. Default 1. */
  readonly partitions?: number;
  /** What a value is, as JSON. One that does not fit is refused when it is produced, and a dead letter when it was there before. Default: any JSON. */
  readonly schema?: z.ZodType<Value, Input>;
  /** What records are kept in order by. Default: none, records are spread over the partitions. */
  readonly key?: (value: Value) => string;
  /** When it happened. Default: when it was produced. */
  readonly eventTime?: (value: Value) => Date;
  /** How long records are kept, at least as long as a group has not read them. Default: until somebody trims the topic. */
  readonly retention?: Duration;
  /** Values above this size go to the payload store, and a token for them to the topic. Default: none do. */
  readonly claimCheck?: {
    readonly above: Size;
    /**
     * How long the payload store keeps what is put there by a rule of its own, such as a lifecycle rule of the bucket. It must be longer
     * than `retention`. Default: it has no such rule, payloads stay as long as a record refers to them.
     */
    readonly expiry?: Duration;
  };
}

/** Made by `defineTopic`. */
export interface Topic<Name extends string = string, Value = unknown, Input = unknown> {
  readonly kind: "topic";
  readonly name: Name;
  readonly partitions: number;
  readonly schema: z.ZodType<Value, Input>;
  readonly retentionMs: number | undefined;
  readonly claimCheckAboveBytes: number | undefined;
  /** Undefined: records have no key. */
  keyOf(value: unknown): string | undefined;
  /** Milliseconds since the Unix epoch; undefined: when it is produced. */
  timeOf(value: unknown): number | undefined;
}

const spec = defineSpec<TopicOptions>()(() => ({
  name: topicName().describe("unique in the project"),
  partitions: integer(1, 1_000)
    .default(1)
    .describe("as many workers of a job share the work at most; can be raised, never lowered"),
  schema: optional(schemaOption<z.ZodType>(), "any JSON").describe(
    "a zod schema of a value; what does not fit is refused when it is produced, and a dead letter when it was there before",
  ),
  key: optional(callback<NonNullable<TopicOptions["key"]>>(), "records are spread over the partitions").describe(
    "what records are kept in order by, of a value",
  ),
  eventTime: optional(callback<NonNullable<TopicOptions["eventTime"]>>(), "when it was produced").describe(
    "when it happened, of a value",
  ),
  retention: optional(duration(), "until somebody trims the topic").describe(
    "how long records are kept, at least as long as a group has not read them",
  ),
  claimCheck: optional(
    z.strictObject({
      above: expecting("a size such as `256KB`", z.string().regex(sizePattern)),
      expiry: duration().exactOptional(),
    }),
  ).describe(
    "`above`: values above this size go to the payload store, and a token for them to the topic; `expiry`: how long that store keeps them by a rule of its own, which must be longer than `retention`",
  ),
}));

export const topicSpec: Spec<TopicOptions> = spec;

/**
 * Defines a topic. Jobs name it by what this returns.
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` when the definition is wrong
 */
export function defineTopic<const Name extends string, Value = unknown, Input = Value>(
  definition: TopicOptions<Name, Value, Input>,
): Topic<Name, Value, Input> {
  assertName("topic", definition.name);
  const options = parseOptions(spec, definition, `topic \`${definition.name}\``);
  assertPayloadsLast(definition);
  return Object.freeze({
    kind: "topic" as const,
    name: definition.name,
    partitions: options.partitions,
    // Without a schema a value is whatever JSON can say.
    schema: definition.schema ?? (z.unknown() as unknown as z.ZodType<Value, Input>),
    retentionMs: options.retention === undefined ? undefined : parseDuration(options.retention),
    claimCheckAboveBytes: options.claimCheck === undefined ? undefined : parseSize(options.claimCheck.above),
    // The schema has checked the value before these see it.
    keyOf: (value: unknown) => definition.key?.(value as Value),
    timeOf: (value: unknown) => definition.eventTime?.(value as Value).getTime(),
  });
}

/** A record must not outlive the value that it stands for. */
function assertPayloadsLast({
  name,
  retention,
  claimCheck,
}: Pick<TopicOptions, "name" | "retention" | "claimCheck">): void {
  const { expiry } = claimCheck ?? {};
  if (expiry === undefined) return;
  if (retention !== undefined && parseDuration(expiry) > parseDuration(retention)) return;
  throw refusal(
    `topic \`${name}\``,
    ["claimCheck", "expiry"],
    retention === undefined
      ? "left out, or `retention` to be set: records without a retention stay for ever"
      : `longer than \`retention\`, which is ${retention}`,
    expiry,
  );
}

/** Tells whether a value is a topic, also one made by another copy of this module. */
export function isTopic(value: unknown): value is Topic {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "topic" && "keyOf" in value;
}

/** An option that takes a topic. */
export function topicOption(): z.ZodType<Topic, Topic> {
  return expecting("what `defineTopic` returns", z.custom<Topic>(isTopic));
}
