// A look-up in a service as a project defines it: what stream jobs ask for by key while they handle records.
import { z } from "zod";
import type { ServiceConnection } from "../connection/service-connection.ts";
import { type Duration, parseDuration } from "../duration.ts";
import { assertName } from "../name.ts";
import { optional } from "../spec/option-notes.ts";
import { callback, duration, integer, name as lookupName, text } from "../spec/option-values.ts";
import { parseOptions } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import type { StreamLogger } from "./job-streams.ts";

export type LookupKey = string | number;

/** What `load` works with. */
export interface LookupContext {
  /** The connection that the look-up names. @throws MillraceError `CONNECTION_UNKNOWN` when it names none */
  readonly connection: ServiceConnection;
  /** Aborts after `timeout`, and when the run ends. */
  readonly signal: AbortSignal;
  readonly log: StreamLogger;
}

export interface LookupOptions<Key extends LookupKey = LookupKey, Value = unknown> {
  /** `[a-z][a-z0-9_]*`, for messages. */
  readonly name: string;
  /** Answers many keys at once. A key that is left out has no value, which is remembered, too. */
  readonly load: (keys: readonly Key[], ctx: LookupContext) => Promise<ReadonlyMap<Key, Value>>;
  /** How long a value may be used after it was loaded. Default `1m`. */
  readonly ttl?: Duration;
  /** How long it is remembered that a key has no value. Default `10s`. */
  readonly negativeTtl?: Duration;
  /** Keys that a run remembers; what was not used for longest goes first. Default 10,000. */
  readonly maxKeys?: number;
  /** How many keys a call of `load` gets at most (default 100), and how long it waits for more. Default: a turn of the event loop. */
  readonly batch?: { readonly max?: number; readonly wait?: Duration };
  /** Calls of `load` at once. Default 4. */
  readonly concurrency?: number;
  /** Of a call of `load`. Default `30s`. */
  readonly timeout?: Duration;
  /** The connection that `load` asks: its gate holds calls back, and its breaker hears how they went. */
  readonly connection?: string;
}

/** Made by `defineLookup`. */
export interface Lookup<Key extends LookupKey = LookupKey, Value = unknown> {
  readonly kind: "lookup";
  readonly name: string;
  readonly ttlMs: number;
  readonly negativeTtlMs: number;
  readonly maxKeys: number;
  readonly batchMax: number;
  /** 0: a turn of the event loop. */
  readonly batchWaitMs: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly connection: string | undefined;
  load(keys: readonly Key[], ctx: LookupContext): Promise<ReadonlyMap<Key, Value>>;
}

const spec = defineSpec<LookupOptions>()(() => ({
  name: lookupName().describe("for messages"),
  load: callback<LookupOptions["load"]>().describe(
    "answers many keys at once, as a `Map`; a key that is left out has no value",
  ),
  ttl: duration().default("1m").describe("how long a value may be used after it was loaded"),
  negativeTtl: duration().default("10s").describe("how long it is remembered that a key has no value"),
  maxKeys: integer(1, 1_000_000)
    .default(10_000)
    .describe("keys that a run remembers; what was not used for longest goes first"),
  batch: z
    .strictObject({
      max: integer(1, 10_000).default(100),
      wait: optional(duration(), "a turn of the event loop"),
    })
    .prefault({})
    .describe("`max`: keys of a call; `wait`: how long it waits for more"),
  concurrency: integer(1, 100).default(4).describe("calls at once"),
  timeout: duration().default("30s").describe("of a call"),
  connection: optional(text()).describe(
    "the connection that `load` asks: its gate holds calls back, and its breaker hears how they went",
  ),
}));

export const lookupSpec: Spec<LookupOptions> = spec;

/**
 * Defines a look-up. Handlers ask it with `ctx.lookup`: keys that are asked for at the same time go in one call, equal ones once.
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` when the definition is wrong
 */
export function defineLookup<Key extends LookupKey, Value>(definition: LookupOptions<Key, Value>): Lookup<Key, Value> {
  assertName("lookup", definition.name);
  // the options are the same whatever the keys are
  const options = parseOptions(spec, definition as unknown as LookupOptions, `lookup \`${definition.name}\``);
  return Object.freeze({
    kind: "lookup" as const,
    name: definition.name,
    ttlMs: parseDuration(options.ttl),
    negativeTtlMs: parseDuration(options.negativeTtl),
    maxKeys: options.maxKeys,
    batchMax: options.batch.max,
    batchWaitMs: options.batch.wait === undefined ? 0 : parseDuration(options.batch.wait),
    concurrency: options.concurrency,
    timeoutMs: parseDuration(options.timeout),
    connection: options.connection,
    load: definition.load,
  });
}
