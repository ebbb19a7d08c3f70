// Defines the options of the configuration file.
import { z } from "zod";
import type { ConnectionOptions } from "../core/connection/connection-options.ts";
import { connectionSpec } from "../core/connection/connection-spec.ts";
import { type FreshnessOptions, freshnessOption } from "../core/dataset/freshness.ts";
import type { ChannelOptions } from "../core/notification/channel-options.ts";
import { channelSpec } from "../core/notification/channel-spec.ts";
import { type NotificationRule, notificationRuleSpec } from "../core/notification/notification-rule.ts";
import type { Duration } from "../core/duration.ts";
import { type FilledStreamsOptions, streamsSpec, type StreamsOptions } from "./streams-options.ts";
import { sizePattern } from "../core/size.ts";
import type { AvailableCapabilities } from "../core/job/capabilities.ts";
import { expecting, optional } from "../core/spec/option-notes.ts";
import { callback, choice, duration, integer, name, text, texts } from "../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../core/spec/spec.ts";

/** What a run told when it ended, handed to `notify`. */
export interface RunNotice {
  readonly job: string;
  readonly runId: string;
  readonly state: "FINISHED" | "ERROR";
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

/** The default export of `millrace.config.ts`. Paths are relative to it. */
export interface ProjectOptions {
  /** Where editors find what a configuration in JSON may say. */
  readonly $schema?: string;
  /** What a shared store knows the project by. Default: the name in package.json, else that of the folder. */
  readonly name?: string;
  /** Whether mistakes hurt here, which every screen shows. Default: for environments with a name such as `prod`. */
  readonly production?: boolean;
  /** The store file. Default `.millrace/store.db`. */
  readonly store?: string;
  /** The store on Postgres: its schema (default `millrace`) and the most connections of a process for calls (default 10). */
  readonly database?: { readonly schema?: string; readonly poolSize?: number };
  /** Folder of Delta tables without a path of their own, or its address in a bucket: `s3://bucket/prefix`. Default `lake`. */
  readonly lake?: string;
  /** Disk space for copies of tables that are in a bucket, such as `20GB`. Default `10GB`. */
  readonly lakeCache?: string;
  /** Where outputs find tables that they name by a catalog: a folder of the project, or a Unity Catalog server behind a connection. */
  readonly catalog?: { readonly folder: string } | { readonly connection: string };
  /** Files and folders with jobs and pipelines. Default `jobs`, `pipelines` and `pipeline.ts`. */
  readonly jobs?: readonly string[];
  /** More folders that `millrace exec` takes modules of, also by names such as `dwh.jobs.load_promos`. Their jobs are not listed. */
  readonly modules?: { readonly roots?: readonly string[] };
  /** Runs that one worker executes at once, 1 to 1,000. Default 4. */
  readonly slots?: number;
  /** Default `default`. */
  readonly tenant?: string;
  /** Job name → its config. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Limits of the SQL engine, e.g. `{ memoryLimit: "2GB", threads: 4 }`, and where Spark is. Default: 1 GB, all cores, and no Spark. */
  readonly compute?: ComputeOptions;
  /** What jobs find where they execute. Default: Spark and buckets are found out, a catalogue and Kafka are not there. */
  readonly capabilities?: Readonly<Partial<AvailableCapabilities>>;
  /** Runs that may execute at once over all workers, by pool, connection and tenant. */
  readonly limits?: {
    readonly pools?: Readonly<Record<string, number>>;
    readonly connections?: Readonly<Record<string, number>>;
    readonly tenants?: Readonly<Record<string, number>>;
  };
  /** Name → the service that jobs talk to under that name. */
  readonly connections?: Readonly<Record<string, ConnectionOptions>>;
  /** Dataset → how old it may be, for datasets whose job does not say it. */
  readonly freshness?: Readonly<Record<string, FreshnessOptions>>;
  /** Name → where messages go that rules and jobs name. */
  readonly channels?: Readonly<Record<string, ChannelOptions>>;
  /** Who is told of which events of which jobs. */
  readonly notifications?: readonly NotificationRule[];
  /** What the server knows of the way to it. */
  readonly server?: { readonly publicUrl?: string };
  /** Topics and the jobs that work through them. */
  readonly streams?: StreamsOptions;
  /** Ended runs are removed with their history after this time; `"off"` keeps them. Default `90d`. */
  readonly retention?: Duration | "off";
  /** Called when a run has ended for good. Its failure is logged and changes nothing. */
  readonly notify?: (notice: RunNotice) => Promise<void> | void;
}

/** What executes the SQL of jobs. */
export interface ComputeOptions {
  /** Of DuckDB; what does not fit spills to disk. */
  readonly memoryLimit?: string;
  /** Of DuckDB. */
  readonly threads?: number;
  /** What executes jobs whose SQL is [portable](sql-dialects.md) and that name no engine. Default `duckdb`. */
  readonly engine?: "duckdb" | "spark";
  /** Address of Spark Connect, such as `sc://spark.internal:15002/;token=${env:SPARK_TOKEN}`. */
  readonly connect?: string;
  /** Where Spark puts what it computes: a folder that it sees under the same path, or `s3a://bucket/prefix`. Default: a hidden folder of the lake. */
  readonly folder?: string;
  /** Address of Spark's own screens, which the logs of runs link to; `{app}` stands for the id of the application. */
  readonly ui?: string;
}

/** What differs in an environment: any part of the options. Objects are united, lists replaced; `null` takes away what the project says. */
export type EnvironmentOptions = PartOf<ProjectOptions>;

type PartOf<Options> = Options extends (...given: never[]) => unknown
  ? Options
  : Options extends readonly unknown[]
    ? Options
    : Options extends object
      ? { readonly [Name in keyof Options]?: PartOf<Options[Name]> | null }
      : Options;

/** Gives the settings of an environment their type: the default export of `millrace.config.<environment>.ts`. */
export function defineEnvironment(options: EnvironmentOptions): EnvironmentOptions {
  return options;
}

/** Gives the settings of a project their type. */
export function defineProject(options: ProjectOptions): ProjectOptions {
  return options;
}

/** The options with their defaults. */
export interface FilledProjectOptions {
  readonly name?: string;
  readonly production?: boolean;
  readonly store: string;
  readonly database: { readonly schema: string; readonly poolSize: number };
  readonly lake: string;
  readonly lakeCache: string;
  readonly catalog?: NonNullable<ProjectOptions["catalog"]>;
  readonly jobs: readonly string[];
  readonly modules: { readonly roots: readonly string[] };
  readonly slots: number;
  readonly tenant: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly compute: ComputeOptions & { readonly memoryLimit: string; readonly engine: "duckdb" | "spark" };
  readonly capabilities: Readonly<Partial<AvailableCapabilities>>;
  readonly limits: Readonly<Record<"pools" | "connections" | "tenants", Readonly<Record<string, number>>>>;
  readonly connections: Readonly<Record<string, ConnectionOptions>>;
  readonly freshness: Readonly<Record<string, FreshnessOptions>>;
  readonly channels: Readonly<Record<string, ChannelOptions>>;
  readonly notifications: readonly NotificationRule[];
  readonly server: { readonly publicUrl?: string };
  readonly streams: FilledStreamsOptions;
  readonly retention: Duration | "off";
  readonly notify?: NonNullable<ProjectOptions["notify"]>;
}

export const projectSpec: Spec<ProjectOptions, ProjectOptions & FilledProjectOptions> = defineSpec<ProjectOptions>()(
  () => ({
    $schema: optional(text()).describe(
      "of a configuration in JSON: where editors find what it may say, `./node_modules/millrace/dist/config.schema.json`",
    ),
    name: optional(text(), "the name in package.json, else that of the folder").describe(
      "what a store that several projects can reach knows the project by",
    ),
    production: optional(z.boolean(), "whether the environment is called `prod`, `production` or `live`").describe(
      "mistakes hurt here: every screen and command says so in its own colour",
    ),
    store: text("a path")
      .default(".millrace/store.db")
      .describe(
        "the file that keeps runs, history and datasets; in an [environment](#environments) `.millrace/<environment>/store.db`",
      ),
    database: databaseSpec.schema.prefault({}),
    lake: text("a path")
      .default("lake")
      .describe(
        "folder of the Delta tables whose dataset names no path, or its address in a bucket, `s3://bucket/prefix` ([a lake in a bucket](lake.md)); in an environment `lake-<environment>`. A folder may be on another file system than the project; rows are then staged beside their table, in a hidden folder `.millrace-staging.…` that goes with the run",
      ),
    lakeCache: size("10GB").describe(
      "disk space for copies of tables that are in a bucket; what was not read for longest goes first",
    ),
    catalog: catalogOption(),
    jobs: texts("paths")
      .default(["jobs", "pipelines", "pipeline.ts"])
      .describe(
        "files and folders that define jobs and pipelines; those that are named here must exist; with `modules.roots` the only places that `millrace exec` loads from",
      ),
    modules: modulesSpec.schema.prefault({}),
    slots: integer(1, 1_000).default(4).describe("runs that one worker executes at once"),
    tenant: text().default("default").describe("the client that runs belong to"),
    config: z
      .record(z.string(), z.unknown())
      .default({})
      .describe("job name → its config, checked by the schema of the job"),
    compute: computeSpec.schema.prefault({}),
    capabilities: capabilitiesSpec.schema.prefault({}),
    limits: limitsSpec.schema.prefault({}),
    connections: z
      .record(z.string(), connectionSpec.schema)
      .default({})
      .describe("name → the service that jobs talk to under that name; see [connections](connections.md)"),
    freshness: freshnessOptions(),
    channels: channelsOption(),
    notifications: expecting("a list of rules", z.array(notificationRuleSpec.schema).readonly())
      .default([])
      .describe("who is told of which events of which jobs; see [notifications](notifications.md)"),
    server: serverSpec.schema.prefault({}),
    streams: streamsSpec.schema.prefault({}),
    retention: retention()
      .default("90d")
      .describe(
        'ended runs are removed with their history after this time, what a run spawned not before the run itself; `"off"` keeps them. Datasets stay',
      ),
    notify: optional(callback<NonNullable<ProjectOptions["notify"]>>()).describe(
      "called with `{ job, runId, state, reason, message }` when a run has ended for good; its failure is logged and changes nothing",
    ),
  }),
);

type CatalogOptions = NonNullable<ProjectOptions["catalog"]>;

function catalogOption(): z.ZodOptional<z.ZodType<CatalogOptions, CatalogOptions>> {
  const folder = z.strictObject({ folder: text("a path") });
  const connection = z.strictObject({ connection: text("the name of a connection") });
  return optional(expecting("`{ folder }` or `{ connection }`", z.union([folder, connection]))).describe(
    "where outputs find tables that they name by a [catalog](catalog.md): a folder of the project, or a Unity Catalog server behind a connection of the kind `http`",
  );
}

function channelsOption(): z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodType<ChannelOptions, ChannelOptions>>> {
  return z
    .record(z.string(), channelSpec.schema)
    .default({})
    .describe("name → where messages go; see [notifications](notifications.md)");
}

function freshnessOptions(): z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodType<FreshnessOptions, FreshnessOptions>>> {
  return expecting("an object with the freshness of datasets by their names", z.record(name(), freshnessOption()))
    .default({})
    .describe(
      'dataset → how old it may be before it is stale, such as `"24h"`, for datasets whose job does not say it in its output',
    );
}

const databaseSpec = defineSpec<NonNullable<ProjectOptions["database"]>>()(() => ({
  schema: expecting(
    "small letters, digits and `_`, and a schema that holds nothing else",
    z.string().regex(/^(?!pg_|public$|information_schema$)[a-z_][a-z0-9_]{0,62}$/),
  )
    .default("millrace")
    .describe(
      "schema of a store on Postgres; every project needs its own, and every environment of it has its own, `millrace_<environment>`",
    ),
  poolSize: integer(1, 1_000)
    .default(10)
    .describe("most connections of a process for its calls; it has two more, for announced changes and its heartbeat"),
}));

const modulesSpec = defineSpec<NonNullable<ProjectOptions["modules"]>>()(() => ({
  roots: expecting("a list of paths", z.array(text()).readonly())
    .default([])
    .describe(
      "more folders that `millrace exec` takes modules of; a dotted name begins in the project or in one of them. Their jobs run when they are asked for, and are in no list",
    ),
}));

const computeSpec = defineSpec<NonNullable<ProjectOptions["compute"]>>()(() => ({
  memoryLimit: size("1GB").describe("memory of the SQL engine; what does not fit spills to disk"),
  threads: optional(integer(1), "all cores").describe("threads of the SQL engine"),
  engine: choice(["duckdb", "spark"])
    .default("duckdb")
    .describe("what executes jobs whose SQL is [portable](sql-dialects.md) and that name no engine"),
  connect: optional(
    expecting("an address such as `sc://host:15002`", z.string().startsWith("sc://")),
    "there is no Spark",
  ).describe(
    "address of Spark Connect, such as `sc://spark.internal:15002/;token=${env:SPARK_TOKEN}`; see [Spark](../guides/spark.md)",
  ),
  folder: optional(text("a path or an address"), "`.millrace-spark` in the lake").describe(
    "where Spark puts what it computes: a folder that it sees under the same path, or a part of a bucket, `s3a://bucket/prefix` ([a lake in a bucket](../guides/spark.md#a-lake-in-a-bucket))",
  ),
  ui: optional(
    expecting("an address such as `https://spark.internal:4040`", z.string().regex(/^https?:\/\//)),
    "runs link to none",
  ).describe(
    "address of Spark's own screens, which the logs of runs link to; `{app}` in it stands for the id of the application, as a history server has it",
  ),
}));

const capabilitiesSpec = defineSpec<Readonly<Partial<AvailableCapabilities>>>()(() => ({
  spark: optional(z.boolean(), "whether `compute.connect` or `SPARK_HOME` is set, or the platform has it").describe(
    "whether jobs with [`needs`](jobs.md#what-a-place-has) find Spark",
  ),
  catalogue: optional(z.boolean(), "`false`").describe("whether they find a catalogue of tables"),
  objectStore: optional(z.boolean(), "whether a connection of the kind `s3` is declared").describe(
    "whether they find a bucket",
  ),
  kafka: optional(z.boolean(), "`false`").describe("whether they find Kafka"),
}));

const limitsSpec = defineSpec<NonNullable<ProjectOptions["limits"]>>()(() => ({
  pools: capacities().describe("pool name → runs that may execute at once over all workers, for jobs with that `pool`"),
  connections: capacities().describe("the same for jobs that name the connection"),
  tenants: capacities().describe("the same for the runs of a tenant"),
}));

function size(initial: string): z.ZodDefault<z.ZodString> {
  return expecting("a size such as `2GB`", z.string().regex(sizePattern)).default(initial);
}
const serverSpec = defineSpec<NonNullable<ProjectOptions["server"]>>()(() => ({
  publicUrl: optional(
    expecting("an http or https address", z.string().regex(/^https?:\/\/[^\s/?#]+[^\s?#]*$/)),
    "messages have no links",
  ).describe("where people find the server, for links in messages: `https://millrace.example.com`"),
}));

function retention(): z.ZodType<Duration | "off", Duration | "off"> {
  return expecting(
    "a duration such as `90d`, or `off`",
    z.union([duration(undefined, (ms) => ms > 0), z.literal("off")]),
  );
}

function capacities(): z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodInt>> {
  return expecting("an object of positive integers by names", z.record(text(), integer(1))).default({});
}
