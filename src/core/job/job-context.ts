// Everything a job may touch while it runs. Nothing else is global.
import type { z } from "zod";
import type { Capabilities } from "./capabilities.ts";
import type { Check } from "../dataset/check.ts";
import type { ComputeChoice } from "../compute/compute-choice.ts";
import type { Resolved } from "../connection/secret.ts";
import type { ServiceConnection } from "../connection/service-connection.ts";
import type { DatasetReference } from "../dataset/dataset-handle.ts";
import type { DatasetOutput, DatasetVersion, OutputOptions } from "../dataset/dataset.ts";
import type { MetricOptions } from "../metric/metric.ts";
import type { RunId } from "../run-id.ts";
import type { Duration } from "../duration.ts";
import type { OptimizeOptions, OptimizeResult, VacuumOptions, VacuumResult } from "../dataset/dataset-care.ts";
import type { RekeyRequest, RekeyResult } from "../dataset/dataset-rekey.ts";
import type { QuarantineData } from "../dataset/quarantine.ts";
import type { JobReference, ParamsOf, ResultOf, RunArguments } from "./job-reference.ts";
import type { JsonOf } from "./json-of.ts";
import type { ConvertStep } from "../dataset/convert-step.ts";
import type { EmptyPolicy, Source, SourceReading } from "../dataset/source.ts";
import type { WatermarkValue } from "../dataset/watermark.ts";
import type { ReplayOfRun } from "../stream/replay-param.ts";
import type { Window } from "../schedule/window.ts";
import type { MapReduceFigures, MapReduceRequest } from "../mapreduce/map-reduce-request.ts";
import type { JobStreams } from "../stream/job-streams.ts";
import type { TopicState } from "../stream/stream-log.ts";
import type { TopicName } from "../stream/topic-name.ts";

/** Facts about the run that is executing. */
export interface RunInfo {
  readonly id: RunId;
  readonly job: string;
  /** From 1; grows by one at each try that the retry policy counts. */
  readonly attempt: number;
  readonly tenant: string;
  readonly createdBy: string;
  /** The environment of the project, such as `prod`; `undefined` where none was chosen. */
  readonly environment: string | undefined;
  /** Where the process runs, e.g. `LOCAL`. */
  readonly serviceProvider: string;
  readonly hasSpark: boolean;
  /** Whether the run is to work as if the job had never run: with `--full-refresh`. */
  readonly isFullRefresh: boolean;
  /** How many rows of each source a sample wants: with `--limit`. What is published goes beside the datasets, and no watermark moves. */
  readonly sampleRows?: number;
  /** The replay that the run belongs to. What is published goes beside the datasets. */
  readonly replay?: ReplayOfRun;
}

/** Structured log of the run; `fields` must be JSON. */
export interface JobLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface ProgressUpdate {
  readonly done?: number;
  readonly total?: number;
  /** What is being done now, in a few words. */
  readonly operation?: string;
}

/** Progress saved for the next attempt. Versions are kept; a corrupt one falls back to the one before and says so. */
export interface JobCheckpoint {
  /** The newest readable checkpoint, or `undefined` when there is none. @throws `CHECKPOINT_INVALID` when it does not fit the schema */
  load<T>(schema: z.ZodType<T>): Promise<T | undefined>;
  /** Durable when the promise resolves. At most 1 MiB as JSON. @throws `RUN_LOST` after the lease was lost */
  save(data: unknown): Promise<void>;
}

/** How far the job has read its source, over all its runs for the same tenant. A person may set it anywhere between two runs. */
export interface JobWatermark {
  /** `undefined` until a run or a person has set it, and always in a full refresh. */
  load(): Promise<WatermarkValue | undefined>;
  /**
   * Fixes how far this run reads: the first value stays for all its attempts and is returned. Call it before reading. What an
   * attempt published stays, so a later one must not read further.
   */
  readUpTo(value: WatermarkValue): Promise<WatermarkValue>;
  /**
   * Moves it forward (a full refresh: anywhere), after what was read has been published; durable when the promise resolves. Where it is already, nothing
   * is written. @throws `WATERMARK_MOVED` (retried) when somebody changed it since it was loaded · `VALUE_INVALID` when it would
   * go back, beyond `readUpTo` or change its type, and without `readUpTo` also when an earlier attempt of the run may have
   * published · `RUN_LOST`
   */
  advance(value: WatermarkValue): Promise<void>;
}

/** What a declared job remembers of the units that its source is read in. Handlers use `each` and `watermark`. */
export interface JobUnits {
  /** All watermarks of the job, by name; none in a full refresh. One question, however many there are. */
  load(): Promise<ReadonlyMap<string, WatermarkValue>>;
  /** Up to when a run reads that begins now; one that is played from a recording, up to when the recorded one did. */
  startOfReading(): string;
  /** What an earlier attempt of the run has read, and may have published; `undefined` when none has read anything. */
  loadRead(): Promise<UnitsRead | undefined>;
  /**
   * What the run before this one has read, when it ended without having moved its watermarks and nothing has moved them since. It may
   * have published that. `undefined` in a full refresh.
   */
  findUnfinished(): Promise<UnfinishedUnits | undefined>;
  /** Fixes what the run reads: later attempts read those units and no others. Call it before anything is published. */
  saveRead(units: readonly ReadUnit[], ends: ReadonlyMap<string, WatermarkValue>): Promise<void>;
  /**
   * Moves watermarks forward (a full refresh: anywhere), all or none of them, after what was read has been published. One that is
   * there already stays. @throws `WATERMARK_MOVED` (retried) when somebody changed one since it was loaded · `VALUE_INVALID` when
   * one would go back · `RUN_LOST`
   */
  advance(values: ReadonlyMap<string, WatermarkValue>): Promise<void>;
}

export interface ReadUnit {
  readonly key: string;
  /** Why it could not be read. */
  readonly error?: string;
}

export interface UnitsRead {
  /** Keys of units that could be read. */
  readonly units: ReadonlySet<string>;
  /** Where watermarks go when what was read has been published, by name. */
  readonly ends: ReadonlyMap<string, WatermarkValue>;
}

export interface UnfinishedUnits extends EarlierRun {
  /** Where watermarks go when what was read has been published, by name. */
  readonly ends: ReadonlyMap<string, WatermarkValue>;
}

/** A run, as targets remember it. */
export interface EarlierRun {
  readonly runId: RunId;
  readonly createdAtMs: number;
}

export interface EachOptions<Item> {
  /** Identifies an item across attempts; a text, unique among the items of the loop. */
  readonly key: (item: Item) => string;
  /** Identifies the loop across attempts. Default: its place among the run's loops. */
  readonly name?: string;
  /** Items worked on at once. Default 1. */
  readonly concurrency?: number;
  /** `continue` works on the others and ends partial; `fail` stops at the first failure. Default `fail`. */
  readonly onItemError?: "continue" | "fail";
}

export interface EachResult {
  /** Items done, in this attempt or an earlier one. */
  readonly done: number;
  /** Items that an earlier attempt had done already. */
  readonly skipped: number;
  readonly failures: readonly { readonly key: string; readonly message: string }[];
}

export interface WaitForOptions {
  /** Time between two probes; the worker is free meanwhile. */
  readonly every: Duration;
  /** From the first probe on. Default: none. */
  readonly timeout?: Duration;
  /** Identifies the wait across attempts. Default: its place among the run's waits. */
  readonly name?: string;
}

export interface SpawnOptions {
  /** Identifies the spawned run across attempts. Default: its place among the run's spawned runs. */
  readonly name?: string;
}

/** A run that a handler started. It is a root of its own and goes on whatever becomes of the one that started it. */
export interface SpawnedRun<Result = unknown> {
  readonly runId: RunId;
  /** Gives the worker back until the run has ended, then its result. @throws MillraceError with the code of its error */
  result(): Promise<Result>;
}

export interface PublishRequest {
  /** Rows that the query reads under the name `source`. */
  readonly source?: Source;
  /** What variables of the source stand for. */
  readonly reading?: SourceReading;
  /** One `select` over the inputs, or several, each reading the rows of the one before as `source`. Default: the source as it is. */
  readonly sql?: string | readonly string[];
  /** What `sql` is written in, and what runs it. Default: DuckDB and its dialect. */
  readonly compute?: ComputeChoice;
  /** What becomes of the rows of `source`, or of `sql`, step by step. */
  readonly convert?: readonly ConvertStep[];
  /** Datasets the query reads; each becomes a view of its name. Default: those of the job's `inputs` that it reads. */
  readonly inputs?: readonly DatasetReference[];
  readonly output: OutputOptions;
  readonly checks?: readonly Check[];
  /** What to do when not a single row came. Default `ok`. */
  readonly onEmpty?: EmptyPolicy;
}

/** What publishing did. */
export interface PublishResult {
  readonly dataset: DatasetVersion;
  /** False when the rows were the same as in the latest version, so that no new one was made. */
  readonly changed: boolean;
  /** Rows written by this run. */
  readonly rows: number;
  /** Rows set aside by `quarantine` checks. */
  readonly quarantined: number;
  readonly warnings: readonly string[];
}

/** A value that a query compares with or returns. A `Date` is an instant in UTC. */
export type SqlValue = string | number | bigint | boolean | Date | null;

/**
 * ``ctx.sql`select * from orders where day = ${day}` `` binds its values: they never become part of the text, so they stand
 * where a value may stand, without quotes. `ctx.sql("select …", ["orders"])` takes a text and names what it reads; the default,
 * and what a template reads, are the job's `inputs`. Rows are plain values: bigint for 64-bit integers, text for decimals, dates
 * and timestamps.
 * @throws MillraceError `SQL_INVALID`, `DATASET_UNKNOWN`, `VALUE_INVALID` for what is no value
 */
export type SqlQuery = (...query: SqlArguments) => Promise<Readonly<Record<string, unknown>>[]>;

export type SqlArguments =
  | [query: TemplateStringsArray, ...values: SqlValue[]]
  | [query: string, inputs?: readonly DatasetReference[]];

/** Reading and writing datasets. */
export interface JobData {
  /** Stages the rows, audits them, publishes them atomically. @throws `CHECKS_FAILED`, `SCHEMA_MISMATCH`, `DATASET_UNKNOWN`, … */
  publish(request: PublishRequest): Promise<PublishResult>;
  /** The latest version of a dataset. @throws `DATASET_UNKNOWN` */
  dataset(dataset: DatasetReference): Promise<DatasetVersion>;
  /**
   * The first two rows of a dataset that has credentials, sealed or not; their values are masked in messages from then on. Such a
   * dataset has one row. @throws `DATASET_UNKNOWN`, `SECRET_UNREADABLE` with another key
   */
  credentials(dataset: DatasetReference): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** A topic with the bounds of its partitions now. @throws `TOPIC_UNKNOWN` */
  topic(topic: TopicName): Promise<TopicState>;
  /** Whether every table of an output remembers a publication by a run; tables that remember none do not. */
  hasPublished(output: DatasetOutput, run: EarlierRun): Promise<boolean>;
  /** What a job of `mapReduceJob` does: maps and reduces its input, and publishes the rows. */
  mapReduce(request: MapReduceRequest): Promise<MapReduceResult>;
  /** Encrypts what older keys have encrypted in a dataset with the newest one, and publishes it in its place. */
  rekey(request: RekeyRequest): Promise<RekeyResult>;
  /**
   * Deletes files of a dataset's tables that no version within their retention needs.
   * @throws `DATASET_UNKNOWN`, `TARGET_UNSUPPORTED` for tables that keep none, `VALUE_INVALID` below the retention without `force`
   */
  vacuum(dataset: DatasetReference, options?: VacuumOptions): Promise<VacuumResult>;
  /** Writes the rows of a dataset's tables again into fewer, larger or sorted files. @throws as `vacuum`, and `TARGET_CONFLICT` */
  optimize(dataset: DatasetReference, options?: OptimizeOptions): Promise<OptimizeResult>;
  /** Rows that `quarantine` checks have set aside, and what becomes of them. */
  readonly quarantine: QuarantineData;
  /** All rows of one `select`; for small results. */
  readonly query: SqlQuery;
}

export interface JobContext<Config = unknown, Params = unknown> {
  readonly config: Config;
  readonly params: Params;
  readonly window: Window | undefined;
  readonly run: RunInfo;
  /** What the place has where the job executes, and what the job declared to do without it. */
  readonly capabilities: Capabilities;
  /** Whether records are handled once more, for another result; connections and what reaches people are off then. */
  readonly replay: boolean;
  /** Aborted by stop, timeout and a lost lease. */
  readonly signal: AbortSignal;
  readonly log: JobLogger;
  /** Cheap and coalesced; never await it. */
  progress(update: ProgressUpdate): void;
  /**
   * Records a figure of the business: of a name and its labels the last value of the run counts. Never awaited; durable when
   * the attempt ends. @throws `VALUE_INVALID` for what is no finite number, and beyond 100 figures of a run
   */
  metric(name: string, value: number, options?: MetricOptions): void;
  readonly checkpoint: JobCheckpoint;
  /** A job may have several, by name. Default: `default`. */
  watermark(name?: string): JobWatermark;
  /** Units of a declared job. */
  readonly units: JobUnits;
  /** Works through items whose outcomes are durable, so that another attempt does only what is not done. */
  each<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    options: EachOptions<Item>,
    work: (item: Item) => Promise<void>,
  ): Promise<EachResult>;
  /**
   * Runs once in the life of the run and remembers the result as JSON: also the first attempt gets it as JSON gives it back,
   * a date as text and `undefined` as null. @throws `CHECKPOINT_INVALID` above 1 MiB
   */
  step<T>(name: string, work: () => Promise<T> | T): Promise<JsonOf<T>>;
  /** Gives the worker back and enters `execute` again, from its start, when the time has passed. */
  sleep(duration: Duration, options?: { readonly name?: string }): Promise<void>;
  /**
   * Resolves with the first result of `probe` that is not `undefined`, `null` or `false`, as JSON gives it back. Between two probes the run waits
   * without a worker; each probe is in a new entry into `execute`. @throws `WAIT_TIMED_OUT`
   */
  waitFor<T>(
    options: WaitForOptions,
    probe: () => Promise<T> | T,
  ): Promise<JsonOf<Exclude<T, undefined | null | false>>>;
  /**
   * Starts a run of another job, once, however often `execute` is entered. The job is given by name or, with the types of
   * its params and result, as it is; it must be among the `spawns` of this one. @throws `JOB_UNKNOWN` | `SPAWN_CYCLE`
   */
  spawn(job: string, params?: Readonly<Record<string, unknown>>, options?: SpawnOptions): Promise<SpawnedRun>;
  spawn<Spawned extends JobReference>(
    job: Spawned,
    ...args: RunArguments<ParamsOf<Spawned>, [options?: SpawnOptions]>
  ): Promise<SpawnedRun<JsonOf<ResultOf<Spawned>>>>;
  /**
   * The result of an upstream job of the same pipeline run, given by name or, with its type, as it is.
   * @throws `JOB_UNKNOWN`, `UPSTREAM_UNFINISHED` where it failed or was skipped, and this job continues
   */
  upstream(job: string): Promise<unknown>;
  upstream<Upstream extends JobReference>(job: Upstream): Promise<JsonOf<ResultOf<Upstream>>>;
  readonly data: JobData;
  /** Shorthand for `data.query`. */
  readonly sql: SqlQuery;
  /** A service that is declared under `connections` of the configuration. @throws `CONNECTION_UNKNOWN` | `SECRET_MISSING` */
  connection(name: string): ServiceConnection;
  /**
   * A value with the secrets in the place of references: in texts `${env:NAME}`, `${file:path}`, `${ssm:/name}`,
   * `${secretsmanager:name#key}`, and what `env` and `secretFile` give. They are masked in whatever the run logs and records.
   * Config and params keep the references: call it where the secret is used.
   * @throws MillraceError `SECRET_MISSING`, `SECRET_UNREADABLE`, `CONFIG_INVALID`, and what services refuse
   */
  secret<Value>(value: Value): Promise<Resolved<Value>>;
  /** Resolves a path of the project; refuses one that leads outside. */
  path(relative: string): string;
  /**
   * Appends values to a topic, once in the life of the run: what an attempt before has produced is not produced again. Durable when
   * the promise resolves. All values are checked before the first is appended. @throws MillraceError `RECORD_INVALID` |
   * `RECORD_TOO_LARGE` | `LOG_UNAVAILABLE` (retried)
   */
  readonly produce: JobStreams["produce"];
  /** What the jobs of streams work with. Handlers use `produce`. */
  readonly streams: JobStreams;
}

/** What mapping, reducing and publishing did. */
export interface MapReduceResult {
  readonly published: PublishResult;
  readonly figures: MapReduceFigures;
}
