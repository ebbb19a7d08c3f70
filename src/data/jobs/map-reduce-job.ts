// A job that calls functions of its own for each record of its input, and once for each key: for what no query says.
import { z } from "zod";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import { defineJob, type Job, type UndeclaredParams, withMapReduce, withPlan } from "../../core/job/job.ts";
import type { JobContext, MapReduceResult } from "../../core/job/job-context.ts";
import { splitInputs } from "../../core/job/job-inputs.ts";
import type { JobOptions } from "../../core/job/job-options.ts";
import type { JobPlan, PlanContext } from "../../core/job/job-plan.ts";
import type {
  Combination,
  Emit,
  FieldName,
  FieldReduction,
  MapBatch,
  MapBytes,
  MapRead,
  MapRecord,
  MapRow,
  ReduceValues,
} from "../../core/mapreduce/map-reduce.ts";
import type {
  BadRecordPolicy,
  MapEngine,
  MapInput,
  MapReduceFigures,
} from "../../core/mapreduce/map-reduce-request.ts";
import { parseSize, type Size, sizePattern } from "../../core/size.ts";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { callback, choice, integer, text } from "../../core/spec/option-values.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { addNames, listOutputDatasets } from "../dataset-output.ts";
import { type DataJobOptions, dataJobSpec, parseDataJob } from "./data-job-options.ts";
import { assertCountRules, recordCounts } from "./count-figures.ts";
import { datasetReference, jobInputsOf, mapInput } from "../mapreduce/map-input.ts";
import { planMapReduce } from "../mapreduce/plan-map-reduce.ts";
import { isFieldReduction, toMapReduceCode } from "../mapreduce/to-map-reduce-code.ts";
import type { PublishedResult } from "./publish-as-result.ts";
import { toPublication } from "./to-publication.ts";

/** What a job of map and reduce has beside the options of every job. */
export interface MapReduceJobOptions<Read extends MapRead, Value, Total, From extends MapInput> {
  readonly input: From;
  /** How files are read. Default `lines`. Rows of a dataset need no reading. */
  readonly read?: Read;
  /** Between the fields of a line; one character of ASCII. Default: a space, and a comma for CSV. */
  readonly separator?: string;
  /** Called for each record. One of this, `mapBytes`, `mapBatch` and `key`. */
  readonly map?: (record: MapRecord<Read, From>, emit: Emit<Value>) => void;
  /** Called with the bytes of each line, without a view of it; only for `lines`. */
  readonly mapBytes?: MapBytes<Value>;
  /** Called with some thousand rows at once, by their columns; only for rows: Parquet, a dataset, a topic. */
  readonly mapBatch?: (batch: MapBatch, emit: Emit<Value>) => void;
  /** The key of a line by its name, without a function; for `lines` and `csv`, and beside a `reduce` that is named, too. */
  readonly key?: { readonly field: FieldName };
  readonly reduce: Combination<Value, Total> | ReduceValues<Value, Total> | FieldReduction;
  /** Makes the row of a key; `undefined` leaves it out. Default: `{ key, value }`. */
  readonly row?: (key: string, total: Total) => MapRow | undefined;
  /** What becomes of records that cannot be read, or that `map` throws on. Default `fail`. */
  readonly badRecords?: BadRecordPolicy;
  /** What tables may take before they are spilled to disk, over all threads. Default `256MB`. */
  readonly memory?: Size;
  /** Default: as many as the machine has processors. */
  readonly threads?: number;
  /** A longer line is a bad record. Default `16MB`. */
  readonly maxLineBytes?: Size;
  /** Where it is computed: on this machine, or on executors of the project's Spark. Default: as `compute.engine` says. */
  readonly engine?: MapEngine;
}

/** `purpose` is `processing` by default. */
export interface MapReduceJobDefinition<
  Name extends string = string,
  Read extends MapRead = MapRead,
  Value = unknown,
  Total = unknown,
  Config = unknown,
  Params = unknown,
  Input = unknown,
  From extends MapInput = MapInput,
>
  extends JobOptions<Name, Config, Params, Input>, DataJobOptions, MapReduceJobOptions<Read, Value, Total, From> {}

/** What such a job hands to its dependents and to its history. */
export interface MapReducedResult extends PublishedResult {
  readonly figures: MapReduceFigures;
}

type AnyOptions = MapReduceJobOptions<MapRead, unknown, unknown, MapInput>;

const size = (): z.ZodString => expecting("a size such as `256MB`", z.string().regex(sizePattern));

export const mapReduceJobSpec: Spec<AnyOptions & DataJobOptions & JobOptions> = defineSpec<
  AnyOptions,
  DataJobOptions & JobOptions
>(dataJobSpec)(() => ({
  input: mapInput().describe(
    "where records come from: `files`, paths or patterns whose `.gz` and `.zst` are unpacked, a `dataset`, whose records are its rows, or a `topic`, of which those are read that are kept when the run starts",
  ),
  read: choice(["lines", "csv", "ndjson", "parquet"])
    .default("lines")
    .describe("how files are read, and what `map` is called with: a view of a line or of a line of CSV, or an object"),
  separator: optional(
    expecting(
      "one character of ASCII",
      z.string().refine((value) => value.length === 1 && value > "\0" && value < "\u0080"),
    ),
    "a space, and a comma for CSV",
  ).describe("between the fields of a line"),
  map: optional(callback<NonNullable<AnyOptions["map"]>>()).describe(
    "called for each record; `emit(key, value)` may be called any number of times",
  ),
  mapBytes: optional(callback<MapBytes>()).describe(
    "in the place of `map`: called with the bytes of each line, `(buffer, start, end, emit)`, and emits ranges of them, `emit(start, end, value)`",
  ),
  mapBatch: optional(callback<NonNullable<AnyOptions["mapBatch"]>>()).describe(
    "in the place of `map`, for rows: called with some thousand of them at once, `batch.length` and `batch.column(name)`",
  ),
  key: optional(fieldKey()).describe(
    "in the place of `map`, for lines and CSV: `{ field }`, by its place from 0 or, of CSV, by its name; beside a `reduce` that is named, and faster than any function",
  ),
  reduce: expecting(
    "a function, an object with `init`, `add` and `merge`, or beside `key` one of `count`, `{ sum }`, `{ min }` and `{ max }`",
    z.custom<AnyOptions["reduce"]>(isReduction),
  ).describe(
    '`{ init, add, merge }`, which is combined wherever values are; `(key, values) => result`, which is called once for each key with its values one by one; or, beside `key`, `"count"`, `{ sum: field }`, `{ min: field }` or `{ max: field }`',
  ),
  row: optional(callback<NonNullable<AnyOptions["row"]>>(), "`{ key, value }`").describe(
    "makes the row of a key from what its values were reduced to; `undefined` leaves the key out",
  ),
  badRecords: expecting(
    "`fail`, `{ skip }` or `{ deadLetter }`",
    z.union([
      z.literal("fail"),
      z.strictObject({ skip: integer(1) }),
      z.strictObject({ deadLetter: datasetReference(), most: integer(1).optional() }),
    ]) as unknown as z.ZodType<BadRecordPolicy, BadRecordPolicy>,
  )
    .default("fail")
    .describe(
      "what becomes of records that cannot be read, or that `map` throws on: `fail`, `{ skip: most }`, or `{ deadLetter: dataset, most }`, where they are appended with their place and the reason",
    ),
  memory: size().default("256MB").describe("what tables may take before they are spilled to disk, over all threads"),
  threads: optional(integer(1, 256), "as many as the machine has processors").describe(
    "threads that split the work; input below 32 MB is worked through in the run's own",
  ),
  maxLineBytes: size().default("16MB").describe("a longer line is a bad record"),
  engine: optional(
    choice(["local", "spark"]),
    "`spark` where [`compute.engine`](configuration.md) is, else `local`",
  ).describe(
    "where `map` and `reduce` are called: on this machine, or on [executors](../guides/spark.md#typescript-on-executors) of the project's Spark",
  ),
}));

/**
 * Defines a job that maps records to keys with values, reduces the values of each key, and publishes a row for each.
 * The job has to be in a file of the project to use several threads, which load that file again.
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED` | `VALUE_INVALID` when the definition is wrong
 */
export function mapReduceJob<
  const Name extends string,
  Read extends MapRead = "lines",
  Total = number,
  Value = Total,
  Config = unknown,
  Params = UndeclaredParams,
  Input = UndeclaredParams,
  From extends MapInput = MapInput,
>(
  definition: MapReduceJobDefinition<Name, Read, Value, Total, Config, Params, Input, From>,
): Job<Name, Input, MapReducedResult> {
  // What `map` takes follows from `read`, which the general type cannot say.
  const given = definition as unknown as MapReduceJobDefinition;
  const where = `job \`${definition.name}\``;
  const options = parseDataJob(mapReduceJobSpec, given);
  assertReading(where, given);
  assertFigureRules(where, given.metrics);
  const { output, input } = given;
  const { checks, output: named, references } = toPublication(where, given);
  const { badRecords = "fail", memory = "256MB", maxLineBytes = "16MB", threads, engine } = options;
  const code = toMapReduceCode(given);
  const { datasets, topics } = splitInputs(where, jobInputsOf(input));
  const request = {
    code,
    input,
    output,
    checks,
    badRecords,
    threads,
    memoryBytes: parseSize(memory),
    maxLineBytes: parseSize(maxLineBytes),
    engine,
  };
  const letters = typeof badRecords === "object" && "deadLetter" in badRecords ? [badRecords.deadLetter] : [];
  const job = defineJob({
    purpose: "processing",
    ...withoutOwn<Name, Config, Params, Input>(definition),
    inputs: [...addNames(datasets, references), ...topics],
    outputs: addNames(listOutputDatasets(named, checks), letters.map(toDatasetName)),
    execute: async (ctx) => tell(ctx, given.metrics, await ctx.data.mapReduce(request)),
  });
  const plan = async (ctx: PlanContext): Promise<JobPlan> => await planMapReduce(ctx, input, output);
  return withMapReduce(withPlan(job, { output: named, plan }), { mapReduce: code, output: named });
}

/** What no option can tell by itself. */
function assertReading(where: string, definition: MapReduceJobDefinition): void {
  const { input, read, separator, mapBytes, mapBatch, badRecords = "fail" } = definition;
  const given = (["map", "mapBytes", "mapBatch", "key"] as const).filter((name) => definition[name] !== undefined);
  if (given.length !== 1) {
    const got = given.length === 0 ? undefined : given.join(" and ");
    throw refusal(where, ["map"], "said, or one of `mapBytes`, `mapBatch` and `key` in its place", got);
  }
  assertFields(where, definition);
  const isRows = !("files" in input) || read === "parquet";
  if (mapBatch !== undefined && !isRows) {
    throw refusal(where, ["mapBatch"], "left out for files that have no rows, only lines", read ?? "lines");
  }
  if (mapBatch !== undefined && badRecords !== "fail") {
    throw refusal(where, ["badRecords"], "`fail` beside `mapBatch`, which tells of no single row", "a limit");
  }
  if (!("files" in input) && read !== undefined) {
    throw refusal(where, ["read"], "left out for a dataset or a topic, whose records are rows", read);
  }
  const isLines = "files" in input && (read ?? "lines") === "lines";
  if (mapBytes !== undefined && !isLines)
    throw refusal(where, ["mapBytes"], "left out for what is not read as lines", read);
  if (separator === undefined || isLines || read === "csv") return;
  throw refusal(where, ["separator"], "left out for what is read neither as lines nor as CSV", separator);
}

/** @throws MillraceError `JOB_INVALID` for fields where there are none, or by a name where they have none */
function assertFields(where: string, { input, read = "lines", key, reduce }: MapReduceJobDefinition): void {
  const isNamed = isFieldReduction(reduce);
  if (key === undefined) {
    if (isNamed) throw refusal(where, ["reduce"], "a function, or `init`, `add` and `merge`, without `key`", reduce);
    return;
  }
  if (!("files" in input) || (read !== "lines" && read !== "csv")) {
    throw refusal(where, ["key"], "left out for what is read neither as lines nor as CSV", read);
  }
  if (!isNamed)
    throw refusal(where, ["reduce"], "`count`, `{ sum }`, `{ min }` or `{ max }` beside `key`", "a function");
  const fields = [key.field, ...(reduce === "count" ? [] : Object.values<FieldName>(reduce))];
  const name = fields.find((field) => typeof field === "string");
  if (read === "csv" || name === undefined) return;
  throw refusal(where, ["key"], "a number for lines, which have no header", name);
}

/** The options that all jobs have. */
function withoutOwn<Name extends string, Config, Params, Input>(
  definition: JobOptions<Name, Config, Params, Input> & object,
): JobOptions<Name, Config, Params, Input> {
  const own = new Set([...ownNames, "checks", "output"]);
  return Object.fromEntries(Object.entries(definition).filter(([option]) => !own.has(option))) as unknown as JobOptions<
    Name,
    Config,
    Params,
    Input
  >;
}

function fieldKey(): z.ZodType<{ readonly field: FieldName }, { readonly field: FieldName }> {
  return expecting("an object with `field`, the number of a field or its name", z.strictObject({ field: fieldName() }));
}

function fieldName(): z.ZodType<FieldName, FieldName> {
  return z.union([integer(0, 65_535), text("a column")]);
}

const namedReduction = z.union([
  z.strictObject({ sum: fieldName() }),
  z.strictObject({ min: fieldName() }),
  z.strictObject({ max: fieldName() }),
]);

const ownNames = [
  "input",
  "read",
  "separator",
  "map",
  "mapBytes",
  "mapBatch",
  "key",
  "reduce",
  "row",
  "badRecords",
  "memory",
  "threads",
  "maxLineBytes",
  "engine",
] as const satisfies readonly (keyof AnyOptions)[];

function isReduction(value: unknown): boolean {
  if (typeof value === "function" || value === "count") return true;
  if (typeof value !== "object" || value === null) return false;
  if (!("init" in value)) return namedReduction.safeParse(value).success;
  return ["add", "merge"].every((part) => typeof Reflect.get(value, part) === "function");
}

/** The figures that such a job has, beside those that every declarative job has. */
const figureNames = {
  records: "records",
  emitted: "values",
  keys: "keys",
  bad_records: "records",
  spilled_bytes: "bytes",
  lost_attempts: "attempts",
  largest_part_bytes: "bytes",
  median_part_bytes: "bytes",
} as const;

/** @throws MillraceError `JOB_INVALID` for a rule of a figure that the job does not have */
function assertFigureRules(where: string, rules: JobOptions["metrics"] = {}): void {
  assertCountRules(where, Object.fromEntries(Object.entries(rules).filter(([figure]) => !(figure in figureNames))));
}

function tell(
  ctx: Pick<JobContext, "log" | "metric">,
  rules: JobOptions["metrics"],
  { published, figures }: MapReduceResult,
): MapReducedResult {
  for (const warning of published.warnings) ctx.log.warn(warning);
  const { records, emitted, keys, badRecords, spilledBytes, lostAttempts, largestPartBytes, medianPartBytes } = figures;
  const values = {
    records,
    emitted,
    keys,
    bad_records: badRecords,
    spilled_bytes: spilledBytes,
    lost_attempts: lostAttempts,
    largest_part_bytes: largestPartBytes,
    median_part_bytes: medianPartBytes,
  } satisfies Record<keyof typeof figureNames, number>;
  for (const [figure, unit] of Object.entries(figureNames)) {
    ctx.metric(figure, values[figure as keyof typeof figureNames], { unit });
  }
  if (badRecords > 0) ctx.log.warn(`${badRecords} of ${records} records were left out`);
  ctx.log.info(`mapped ${records} records to ${keys} keys`, { ...figures });
  const { dataset, changed, rows, quarantined } = published;
  const result = { dataset: dataset.dataset, version: dataset.version, changed, rows, rowCount: dataset.rowCount };
  return recordCounts(ctx, rules, { ...result, quarantined, figures });
}
