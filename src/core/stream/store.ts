// A local store as a project defines it: a topic folded by code into keyed state, which workers look up where they execute.
import { z } from "zod";
import { type Duration, parseDuration } from "../duration.ts";
import { MillraceError } from "../errors/errors.ts";
import { assertName } from "../name.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { callback, duration, integer, name as storeName, schemaOption } from "../spec/option-values.ts";
import { parseOptions } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import { type Topic, topicOption } from "./topic.ts";

/** An entry of a store. */
export interface StoreEntry<Value> {
  readonly key: string;
  readonly value: Value;
}

/** What may be looked up in a store. Values are JSON, and each look gives a copy of its own. */
export interface StoreView<Value = unknown> {
  /** `undefined` where there is no entry. */
  get(key: string): Value | undefined;
  /** Entries whose keys begin with `prefix`, by key as UTF-8 compares them. What is changed meanwhile may or may not be seen. */
  entries(prefix?: string): Iterable<StoreEntry<Value>>;
}

/** What `apply` changes. */
export interface StoreState<Value = unknown> extends StoreView<Value> {
  /** @param value what JSON can say; `undefined` deletes the entry */
  set(key: string, value: Value | undefined): void;
  delete(key: string): void;
  /** Puts what `change` makes of the entry in its place; `undefined` deletes it. */
  update(key: string, change: (value: Value | undefined) => Value | undefined): void;
}

/** Where an event comes from. */
export interface AppliedRecord {
  /** What the store's `key` gives for the event. */
  readonly key: string;
  readonly partition: number;
  readonly offset: number;
  /** When it happened, milliseconds since the Unix epoch. */
  readonly timeMs: number;
}

/** A store as the handler of a record sees it. */
export interface StoreReader<Value = unknown> extends StoreView<Value> {
  readonly name: string;
  /** Everything that happened up to then, as far as the topic had it, is applied; `undefined` before the first record. */
  asOf(): Date | undefined;
  /** How long ago the store held everything that the topic had; `Infinity` before it has once. */
  behindMs(): number;
}

export interface StoreOptions<Name extends string = string, Event = unknown, Value = Event> {
  /** `[a-z][a-z0-9_]*`, unique in the project. */
  readonly name: Name;
  /** The topic that the store is made from, all partitions of it. */
  readonly topic: Topic<string, Event>;
  /** What an entry is, for its type; `apply` fails when it sets what does not fit. Default: any JSON. */
  readonly schema?: z.ZodType<Value>;
  /** What the entry of an event is kept under. A record without a value deletes the entry under its key. Default: the key of the topic. */
  readonly key?: (event: Event) => string;
  /**
   * Changes the state by an event. It must depend on nothing but its arguments, and may not wait. Events of a partition come in
   * their order, those of different partitions in any. Default: the event is the entry under its key.
   */
  readonly apply?: (store: StoreState<Value>, event: Event, about: AppliedRecord) => void;
  /** How often a snapshot is kept that a new copy begins with. Default every 10 minutes. */
  readonly snapshot?: { readonly every: Duration };
  /** Handlers wait while the store is farther behind its topic. Default: until it holds what the topic had when the worker started. */
  readonly serveWhenBehind?: Duration;
  /** Another number makes the store anew, as another `apply` does. For code that `apply` calls. Default 1. */
  readonly version?: number;
}

/** Made by `defineStore`. */
export interface StoreDefinition<Name extends string = string, Value = unknown> {
  readonly kind: "store";
  readonly name: Name;
  readonly topic: Topic;
  readonly snapshotEveryMs: number;
  /** Undefined: what the topic had at the start is enough. */
  readonly serveWhenBehindMs: number | undefined;
  /** What the entry of an event is kept under; undefined where neither the store nor the topic says. */
  keyOf(event: unknown): string | undefined;
  apply(store: StoreState<Value>, event: unknown, about: AppliedRecord): void;
  /** What tells versions of its code apart. */
  codeText(): readonly string[];
}

const spec = defineSpec<StoreOptions>()(() => ({
  name: storeName().describe("unique in the project"),
  topic: topicOption().describe("the topic that it is made from, all partitions of it"),
  schema: optional(schemaOption<z.ZodType>(), "any JSON").describe(
    "a zod schema of an entry, which gives `ctx.store` its type; `apply` fails when it sets what does not fit",
  ),
  key: optional(callback<NonNullable<StoreOptions["key"]>>(), "the key of the topic").describe(
    "what the entry of an event is kept under; a record without a value deletes the entry under its key",
  ),
  apply: optional(callback<NonNullable<StoreOptions["apply"]>>(), "the event is the entry under its key").describe(
    "changes the state by an event, at once and by its arguments alone",
  ),
  snapshot: optional(
    z.strictObject({ every: duration("a duration of at least `1s`", (ms) => ms >= 1_000) }),
    "every 10 minutes",
  ).describe("`every`: how often a snapshot is kept that a new copy begins with"),
  serveWhenBehind: optional(duration(), "until it holds what the topic had when the worker started").describe(
    "handlers wait while the store is farther behind its topic",
  ),
  version: integer(1).default(1).describe("another number makes the store anew, as another `apply` does"),
}));

export const storeSpec: Spec<StoreOptions> = spec;

/**
 * Defines a store. Jobs name it by what this returns, in `stores`, and look into it with `ctx.store`.
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` when the definition is wrong
 */
export function defineStore<const Name extends string, Event = unknown, Value = Event>(
  definition: StoreOptions<Name, Event, Value>,
): StoreDefinition<Name, Value> {
  assertName("store", definition.name);
  const options = parseOptions(spec, definition, `store \`${definition.name}\``);
  const { apply, key, schema } = definition;
  return Object.freeze({
    kind: "store" as const,
    name: definition.name,
    topic: options.topic,
    snapshotEveryMs: parseDuration(options.snapshot?.every ?? "10m"),
    serveWhenBehindMs: options.serveWhenBehind === undefined ? undefined : parseDuration(options.serveWhenBehind),
    // The schema of the topic has checked the event before these see it.
    keyOf: (event: unknown) => (key === undefined ? options.topic.keyOf(event) : key(event as Event)),
    apply(given: StoreState<Value>, event: unknown, about: AppliedRecord) {
      const store = schema === undefined ? given : checked(definition.name, schema, given);
      if (apply === undefined) store.set(about.key, event as Value);
      else if (isPromise(apply(store, event as Event, about))) throw waits(definition.name);
    },
    codeText: () => [String(apply), String(key), String(options.version)],
  });
}

/** Tells whether a value is a store, also one made by another copy of this module. */
export function isStore(value: unknown): value is StoreDefinition {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "store" && "apply" in value;
}

/** An option that takes stores. */
export function storesOption(): z.ZodType<readonly StoreDefinition[], readonly StoreDefinition[]> {
  return expecting("a list of what `defineStore` returns", z.array(z.custom<StoreDefinition>(isStore)).readonly());
}

/** Takes what fits the schema alone, and keeps it as it is. */
function checked<Value>(name: string, schema: z.ZodType<Value>, store: StoreState<Value>): StoreState<Value> {
  const set = (key: string, value: Value | undefined): void => {
    const issue = value === undefined ? undefined : schema.safeParse(value).error?.issues[0];
    if (issue !== undefined) throw unfit(name, issue);
    store.set(key, value);
  };
  return {
    get: (key) => store.get(key),
    entries: (prefix) => store.entries(prefix),
    delete: (key) => store.delete(key),
    set,
    update: (key, change) => set(key, change(store.get(key))),
  };
}

function unfit(name: string, { path, message }: Pick<z.core.$ZodIssue, "path" | "message">): MillraceError {
  const where = path.length === 0 ? "an entry" : `\`${path.join(".")}\` of an entry`;
  return new MillraceError("STORE_APPLY_FAILED", `${where} does not fit \`schema\` of store \`${name}\`: ${message}`, {
    hint: "let `apply` set what the schema says",
  });
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}

function waits(name: string): MillraceError {
  return new MillraceError("STORE_APPLY_FAILED", `\`apply\` of store \`${name}\` returned a promise`, {
    hint: "state and offset change in one step: fetch what it needs before the record is produced",
  });
}
