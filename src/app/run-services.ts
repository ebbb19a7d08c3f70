// Makes the services that runs get from the composition root, in the worker and in isolates: data access and paths of
// the project.
import type { SecretSeal } from "../connections/auth/seal.ts";
import type { SealedFields } from "../connections/registry/field-cipher.ts";
import type { Engine } from "../compute/engine.ts";
import type { ExchangeTape } from "../connections/http/exchange-tape.ts";
import type { Environment } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import { resolveSecrets } from "../connections/registry/resolve-secrets.ts";
import { createSecretRedactor } from "../core/errors/secret-redactor.ts";
import { isFullRefresh } from "../core/job/full-refresh.ts";
import { sampleRowsOf } from "../core/job/sample.ts";
import { replayOf } from "../core/stream/replay-param.ts";
import type { StreamLog } from "../core/stream/stream-log.ts";
import type { TopicReader } from "../core/stream/topic-reader.ts";
import type { JobData } from "../core/job/job-context.ts";
import { createJobData, type CreateJobDataInput } from "../data/jobs/job-data.ts";
import type { RunDataInput, RunServices } from "../orchestrator/attempt/job-context-input.ts";
import type { JobLocation } from "../orchestrator/attempt/job-registry.ts";
import { type Project, resolveInProject } from "../project/project.ts";
import type { ConnectionStore } from "../store/connections/connection-store.ts";
import { findCapabilities } from "../project/environments/find-capabilities.ts";
import { createMapThreadLauncher } from "./launch-map-thread.ts";
import { mapExecutorsOf } from "./connections/map-on-spark.ts";
import { LazyConnections } from "./connections/lazy-connections.ts";
import { clusterOf } from "./connections/cluster-of.ts";
import { lendConnections } from "./connections/lend-connections.ts";
import type { OpenConnectionsOptions } from "./connections/open-connections.ts";
import { openFieldCipher, openSeal } from "./connections/open-seal.ts";
import { createJobStreams, leftOutOf, openLog, openPayloads, streamFolders } from "./streams/create-job-streams.ts";
import { createTopicReader } from "./streams/create-topic-reader.ts";
import { kafkaLogOf } from "./streams/kafka-log-of.ts";
import { secretSourcesOf } from "./connections/secret-sources.ts";

export interface RunServicesParts {
  readonly project: Pick<Project, "root" | "paths"> &
    OpenConnectionsOptions["project"] & {
      readonly settings: Partial<Pick<Project["settings"], "jobs" | "capabilities" | "streams" | "compute">>;
    };
  readonly environment: Environment;
  readonly engine: Engine;
  readonly clock: Clock;
  /** Where the code of a job is. Default: in this process alone. */
  readonly locate?: (job: string) => JobLocation | undefined;
  /** Where there is one for all runs of the process. Default: the lease of the one run. */
  readonly store?: ConnectionStore;
  /** Records exchanges, or answers in the place of services. */
  readonly tape?: ExchangeTape | undefined;
  /** Of topics, shared by all runs of the process; its lender closes it. Default: what the settings say. */
  readonly log?: StreamLog;
}

/** The services of every run of a project. Closing them ends the exchanges of its connections. */
export interface ClosableRunServices extends RunServices, AsyncDisposable {}

/** The store is reached through the lease of the run, but for what all runs of a process share. */
export function createRunServices(parts: RunServicesParts): ClosableRunServices {
  const { project, environment, clock, store, tape } = parts;
  const redactor = createSecretRedactor();
  let knowsSecret = false;
  const onSecret = (secret: string): void => {
    knowsSecret = redactor.add(secret) || knowsSecret;
    tape?.onSecret(secret);
  };
  const seal = (): Promise<SecretSeal> => Promise.resolve(openSeal(project.root, environment));
  let fields: SealedFields | undefined;
  const cipher = (): SealedFields => (fields ??= openFieldCipher(project.root, environment));
  const connections = new LazyConnections({ project, environment, clock, onSecret, tape });
  const redact = <Value>(value: Value): Value => (knowsSecret ? redactor.redact(value, { keys: false }) : value);
  const { streams } = project.settings;
  const own =
    parts.log === undefined ? kafkaLogOf({ root: project.root, streams, environment, clock, onSecret }) : undefined;
  const log = parts.log ?? own;
  const folders = streamFolders({ root: project.root, home: project.paths.home }, streams?.payloads);
  const { root, paths } = project;
  const { compute } = project.settings;
  const spark = { root, lake: paths.lake, compute, environment, clock, onSecret };
  const cluster = clusterOf(spark);
  const takeBack = store === undefined ? undefined : lendConnections(connections, store);
  return {
    connect: (name, lease, call) => connections.get(name, store ?? lease, call),
    redact,
    revealSecrets: async (value, where) =>
      await resolveSecrets(value, where, secretSourcesOf(project.root, environment, onSecret)),
    [Symbol.asyncDispose]: async () => {
      takeBack?.();
      await own?.[Symbol.asyncDispose]();
      await connections[Symbol.asyncDispose]();
    },
    environment: environment.name,
    serviceProvider: environment.serviceProvider,
    hasSpark: environment.hasSpark || cluster !== undefined,
    capabilities: findCapabilities(project.settings, environment),
    startOfReading: (job, now) => tape?.startOfReading(job, now) ?? now,
    resolvePath: (relative) => resolveInProject(project.root, relative),
    createStreams: (input) => createJobStreams({ clock, log, folders }, input),
    createData: (input) => {
      // a process without a store has one run at a time
      if (store === undefined) lendConnections(connections, input.lease);
      return createRunData(parts, input, {
        connect: (name) => connections.open(name, store ?? input.lease),
        topics: readTopics({ clock, log, folders }, input),
        onSecret,
        redact,
        seal,
        cipher,
        ...(cluster === undefined ? {} : { cluster }),
        mapExecutors: mapExecutorsOf(spark, parts.locate?.(input.run.job)),
      });
    },
  };
}

/** The records that a run reads; what was left out of them is told in the run. */
function readTopics(
  { clock, log, folders }: Parameters<typeof openLog>[0] & Pick<Parameters<typeof openPayloads>[0], "folders">,
  input: RunDataInput,
): TopicReader {
  const parts = {
    log: openLog({ clock, log }, input.lease),
    payloads: openPayloads({ clock, folders }, input.lease),
    leftOut: leftOutOf(input.run),
  };
  return createTopicReader(parts, input);
}

function createRunData(
  { project, engine, clock, tape, locate }: RunServicesParts,
  input: RunDataInput,
  shared: Required<Pick<CreateJobDataInput, "connect" | "topics" | "onSecret" | "redact" | "seal" | "cipher">> &
    Pick<CreateJobDataInput, "cluster" | "mapExecutors">,
): JobData {
  const { run, inputs, purpose, lease, signal, log, progress, observer } = input;
  const sampleRows = sampleRowsOf(run.params);
  const replay = replayOf(run.params);
  const location = locate?.(run.job);
  return createJobData({
    ...shared,
    ledger: lease,
    engine,
    inputs,
    isSealing: purpose === "authentication",
    signal,
    log,
    progress,
    observer,
    now: () => clock.now(),
    paths: {
      root: project.root,
      lake: project.paths.lake,
      home: project.paths.home,
      staging: project.paths.staging,
      definitions: project.settings.jobs ?? [],
    },
    run: {
      id: run.runId,
      job: run.job,
      epoch: run.epoch,
      createdAtMs: run.createdAtMs,
      ...(run.window === undefined ? {} : { window: run.window }),
    },
    isFullRefresh: isFullRefresh(run.params),
    ...(sampleRows === undefined ? {} : { sampleRows }),
    ...(replay === undefined
      ? {}
      : { replay: { id: replay.id, note: (output) => lease.noteReplayOutput(replay.id, output) } }),
    ...(tape === undefined ? {} : { tape }),
    ...(location === undefined ? {} : { launchMapThread: createMapThreadLauncher(run.job, location) }),
    emit: (event) => lease.appendEvents([event]),
    catalog: {
      find: (name, version) => lease.findDataset(name, version),
      publications: (name) => lease.findPublications(name),
      names: async () => (await lease.listDatasets()).map((version) => version.dataset),
      record: (version) => lease.recordDataset(version),
      assertHeld: () => lease.assertHeld(),
    },
  });
}
