// The data access of one attempt of a run. Each call has an engine session of its own.
import type { Engine } from "../../compute/engine.ts";
import type { LaunchMapThread } from "../../compute/mapreduce/threads/thread-protocol.ts";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobData, JobLogger, ProgressUpdate } from "../../core/job/job-context.ts";
import type { TopicState } from "../../core/stream/stream-log.ts";
import { type TopicName, toTopicName } from "../../core/stream/topic-name.ts";
import type { TopicReader } from "../../core/stream/topic-reader.ts";
import { type MapExecutors, mapReduceDataset, type MapReduceScope } from "../mapreduce/map-reduce-dataset.ts";
import { type DatasetCatalog, findDataset } from "../datasets/dataset-catalog.ts";
import type { DataEvent, DataPaths, DataRun, PublishScope } from "../publish/publish-scope.ts";
import { toRunKey } from "../publication-order.ts";
import { toNamedRequest } from "../publish/named-request.ts";
import { publishDataset } from "../publish/publish.ts";
import { optimizeDataset, vacuumDataset } from "./care-for-dataset.ts";
import { rekeyDataset } from "./rekey-dataset.ts";
import { remembersRun } from "./remembers-run.ts";
import { createQuarantineData } from "../publish/resolve-rows.ts";
import { concludeAttempt } from "../publish/recover-staging.ts";
import { queryDatasets } from "./query-datasets.ts";
import { readCredentials } from "./read-credentials.ts";
import { attemptFolder, listAttemptFolders } from "../files/staging-folders.ts";
import type { Failpoint, TableReading } from "../target.ts";

export interface CreateJobDataInput {
  readonly engine: Engine;
  /** Computes queries that are for a cluster. Default: there is none. */
  readonly cluster?: PublishScope["cluster"];
  readonly catalog: DatasetCatalog;
  readonly paths: DataPaths;
  readonly run: DataRun;
  /** Datasets that the job declares, which its queries read without naming them again. Default: none. */
  readonly inputs?: readonly string[];
  /** Reads records of topics; its names are inputs, too. Default: there is no log. */
  readonly topics?: TopicReader;
  /** Whether what is published takes the place of all rows and columns that are there. Default: no. */
  readonly isFullRefresh?: boolean;
  /** How many rows of each source are read for a sample. Default: it is none. */
  readonly sampleRows?: number;
  /** The replay that the run belongs to. Default: none. */
  readonly replay?: PublishScope["replay"];
  /** Aborted when the run is stopped or its lease is lost. */
  readonly signal: AbortSignal;
  readonly log: JobLogger;
  /** For `freshness` checks. */
  now(): number;
  emit(event: DataEvent): Promise<void> | void;
  progress(update: ProgressUpdate): void;
  /** Connections of the project by name. Default: there are none. */
  readonly connect?: PublishScope["connect"];
  /** Told of each exchange with a service. */
  readonly observer?: PublishScope["observer"];
  /** Where requests are written down that change something elsewhere. Default: nowhere. */
  readonly ledger?: PublishScope["ledger"];
  /** Masks secrets that are known. Default: there are none. */
  readonly redact?: PublishScope["redact"];
  /** Records exchanges, or answers in the place of services. */
  readonly tape?: PublishScope["tape"];
  /** Told secrets that are among the values of rows, such as tokens. */
  readonly onSecret?: PublishScope["onSecret"];
  /** Encrypts and opens sealed datasets. */
  readonly seal?: TableReading["seal"];
  /** Whether everything that the run publishes is sealed. Default: what its outputs say. */
  readonly isSealing?: boolean;
  /** Encrypts values of rows. Default: there is no key. */
  readonly cipher?: PublishScope["cipher"];
  /** Starts threads that have the code of the run's job; absent where it is in no file. */
  readonly launchMapThread?: LaunchMapThread | undefined;
  /** Where its functions are called with `engine: "spark"`. Default: nowhere. */
  readonly mapExecutors?: MapExecutors | undefined;
  /** Called at named moments of publishing, for tests that stop a process there. */
  readonly failpoint?: Failpoint;
}

/** Data access for one attempt; nothing is opened or written before it is used. */
export function createJobData(input: CreateJobDataInput): JobData {
  const scope = createScope(input);
  const { catalog, log } = input;
  const publishing = new Set<string>();
  return {
    async publish(request) {
      const named = toNamedRequest(request);
      const { dataset } = named.output;
      if (publishing.has(dataset)) throw publishedTwice(dataset);
      publishing.add(dataset);
      return await publishDataset(named, scope);
    },
    credentials: async (reference) =>
      await readCredentials({ ...scope, catalog, warn: (message) => log.warn(message) }, toDatasetName(reference)),
    dataset: (reference) => findDataset(catalog, toDatasetName(reference)),
    topic: (topic) => findTopic(input.topics, topic),
    hasPublished: (output, run) => remembersRun(output, run, scope),
    mapReduce: (request) => mapReduceDataset(request, { ...scope, ...pickEngines(input) }),
    rekey: (request) => rekeyDataset(request, scope),
    vacuum: (reference, options = {}) => vacuumDataset(toDatasetName(reference), options, scope),
    optimize: (reference, options = {}) => optimizeDataset(toDatasetName(reference), options, scope),
    quarantine: createQuarantineData(scope),
    query: async (...query) => await queryDatasets({ ...scope, catalog, warn: (message) => log.warn(message) }, query),
  };
}

function pickEngines({ launchMapThread, mapExecutors }: CreateJobDataInput): Omit<MapReduceScope, keyof PublishScope> {
  return { launchMapThread, mapExecutors };
}

function createScope(input: CreateJobDataInput): PublishScope {
  const { engine, catalog, paths, run, signal, log } = input;
  const folder = attemptFolder(paths.staging, run.id, run.epoch);
  const runKey = toRunKey(run.id, run.createdAtMs);
  let concluded: Promise<void> | undefined;
  return {
    engine,
    catalog,
    paths,
    run,
    signal,
    log,
    ...(input.cluster === undefined ? {} : { cluster: input.cluster }),
    ...(input.connect === undefined ? {} : { connect: input.connect }),
    ...(input.observer === undefined ? {} : { observer: input.observer }),
    ...(input.ledger === undefined ? {} : { ledger: input.ledger }),
    ...(input.redact === undefined ? {} : { redact: input.redact }),
    ...(input.onSecret === undefined ? {} : { onSecret: input.onSecret }),
    ...(input.tape === undefined ? {} : { tape: input.tape }),
    ...(input.seal === undefined ? {} : { seal: input.seal }),
    isSealing: input.isSealing ?? false,
    ...(input.cipher === undefined ? {} : { cipher: input.cipher }),
    failpoint: input.failpoint ?? (() => undefined),
    now: () => input.now(),
    emit: async (event) => input.emit(event),
    operation: (operation) => input.progress({ operation }),
    inputs: [...(input.inputs ?? []), ...(input.topics?.names ?? [])],
    ...(input.topics === undefined ? {} : { topics: input.topics }),
    isFullRefresh: input.isFullRefresh ?? false,
    ...(input.sampleRows === undefined ? {} : { sampleRows: input.sampleRows }),
    ...(input.replay === undefined ? {} : { replay: input.replay }),
    folder,
    runKey,
    concludeEarlier: () => (concluded ??= concludeEarlier(paths.staging, run)),
  };
}

/** This attempt has the run, so those before it are over, however they ended. */
async function concludeEarlier(staging: string, run: DataRun): Promise<void> {
  for (const folder of await listAttemptFolders(staging)) {
    if (folder.runId === run.id && folder.epoch < run.epoch) await concludeAttempt(folder);
  }
}

function publishedTwice(dataset: string): MillraceError {
  return new MillraceError("VALUE_INVALID", `a run publishes a dataset once, got twice: \`${dataset}\``, {
    hint: "put all rows into one query, or use one job for each part",
  });
}

async function findTopic(topics: TopicReader | undefined, topic: TopicName): Promise<TopicState> {
  const found = await topics?.findTopic(topic);
  if (found !== undefined) return found;
  throw new MillraceError("TOPIC_UNKNOWN", `no topic is called \`${toTopicName(topic)}\``, {
    hint: "a topic is made by the first who produces to it, or reads it as `defineTopic` returns it",
  });
}
