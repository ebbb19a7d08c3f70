// Maps and reduces an input into files of the attempt's own, then publishes their rows as any other source.
import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import type { RowChunk } from "../../compute/mapreduce/column-batch.ts";
import type {
  MapInput,
  MapReduced,
  MapReduceOptions,
  RunMapReduce,
} from "../../compute/mapreduce/map-reduce-options.ts";
import { runMapReduce } from "../../compute/mapreduce/map-reduce.ts";
import type { BadRecords } from "../../compute/mapreduce/task-options.ts";
import type { LaunchMapThread } from "../../compute/mapreduce/threads/thread-protocol.ts";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { MapReduceResult } from "../../core/job/job-context.ts";
import type { MapReduceCode } from "../../core/mapreduce/map-reduce.ts";
import type { BadRecordPolicy, MapReduceFigures, MapReduceRequest } from "../../core/mapreduce/map-reduce-request.ts";
import { openDataset } from "../datasets/open-dataset.ts";
import { defineRecords } from "../sources/records/define-records.ts";
import { defineRows } from "../table-rows.ts";
import { removeIfEmpty } from "../files/staging-folders.ts";
import { toNamedRequest } from "../publish/named-request.ts";
import type { PublishScope } from "../publish/publish-scope.ts";
import { assertUnchanged } from "../files/unchanged-files.ts";
import { findMapFiles, toMapFile } from "./find-map-files.ts";
import { hasPairs, publishLetters, publishRows } from "./publish-reduced.ts";
import { openSharedFolder } from "./shared-folders.ts";

/** Smaller input is not worth the start of threads. */
const inlineBytes = 32_000_000;
const mostLettersByDefault = 1_000;

export interface MapReduceScope extends PublishScope {
  /** Absent where the job is in no file. */
  readonly launchMapThread?: LaunchMapThread | undefined;
  /** Absent where the project has no Spark. */
  readonly mapExecutors?: MapExecutors | undefined;
}

/** Where jobs with `engine: "spark"` are computed. */
export interface MapExecutors {
  /** Whether jobs are computed there that do not say where. */
  readonly isDefault: boolean;
  /** Of the project: this process and all executors have it under this path. `undefined`: they share a bucket. */
  readonly folder: () => string | undefined;
  readonly run: (options: MapReduceOptions, work: ExecutorWork) => Promise<MapReduced>;
}

export interface ExecutorWork {
  /** Key of the run. */
  readonly run: string;
  /** Told what people need to find the work on Spark's own screens. */
  readonly onOpen: (where: string) => Promise<void>;
}

/** @throws MillraceError what mapping, reducing and publishing throw */
export async function mapReduceDataset(request: MapReduceRequest, scope: MapReduceScope): Promise<MapReduceResult> {
  await scope.concludeEarlier();
  const place = await openPlace(request, scope);
  const { folder } = place;
  try {
    const reduced = await mapAndReduce(request, place, scope);
    await publishLetters(request.badRecords, reduced.letters, folder, scope);
    const published = await publishRows(request, reduced, folder, scope);
    return { published, figures: toFigures(reduced) };
  } finally {
    // processes on executors may still end while it goes
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    await removeIfEmpty(scope.folder);
  }
}

/** Who computes it, and a new folder for that. */
interface WorkPlace {
  readonly run: RunMapReduce;
  readonly folder: string;
  /** Said of what is being done, for work that is not done here. */
  readonly on?: string;
}

/** @throws MillraceError `CAPABILITY_MISSING`, `CONFIG_INVALID` */
async function openPlace({ engine, code, output }: MapReduceRequest, scope: MapReduceScope): Promise<WorkPlace> {
  const { mapExecutors } = scope;
  if (engine === "local" || (engine === undefined && mapExecutors?.isDefault !== true)) {
    return { folder: await openOwnFolder(scope), run: runMapReduce };
  }
  if (mapExecutors !== undefined) {
    const shared = mapExecutors.folder();
    const folder =
      shared === undefined ? await openOwnFolder(scope) : await openSharedFolder(shared, scope.runKey, scope.now());
    const { dataset } = toNamedRequest({ output }).output;
    const onOpen = async (where: string): Promise<void> => {
      scope.log.info(`job \`${code.job}\` is mapped and reduced on ${where}`);
      await scope.emit({ type: "computed_elsewhere", data: { dataset, where } });
    };
    const work = { run: scope.runKey, onOpen };
    return { folder, run: (options) => mapExecutors.run(options, work), on: " on executors of Spark" };
  }
  throw new MillraceError("CAPABILITY_MISSING", `job \`${code.job}\` is for Spark, and the project has none here`, {
    hint: "say with `compute.connect` where it is, or leave `engine` of the job out",
  });
}

async function openOwnFolder(scope: MapReduceScope): Promise<string> {
  const folder = join(scope.folder, `map-reduce-${scope.runKey}-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

async function mapAndReduce(
  request: MapReduceRequest,
  { run, folder, on = "" }: WorkPlace,
  scope: MapReduceScope,
): Promise<MapReduced> {
  await using session = await scope.engine.open();
  const { input, assertSame } = await openInput(request, { session, folder, scope });
  const reduced = await run({
    ...request,
    input,
    threads: request.threads ?? availableParallelism(),
    launch: scope.launchMapThread,
    inlineBytes,
    bad: toBadRecords(request.badRecords),
    arePairs: await hasPairs(request, scope),
    folder,
    signal: scope.signal,
    onProgress: (done, total, operation) => scope.operation(`${operation}${on}: ${done} of ${total}`),
  });
  await assertSame();
  if (run !== runMapReduce) scope.log.info(`job \`${request.code.job}\` was mapped and reduced on executors of Spark`);
  return reduced;
}

interface OpenedInput {
  readonly input: MapInput;
  /** @throws MillraceError `SOURCE_UNREADABLE` when what was read has changed meanwhile */
  readonly assertSame: () => Promise<void>;
}

interface Opening {
  readonly session: EngineSession;
  readonly folder: string;
  readonly scope: MapReduceScope;
}

async function openInput({ input, code }: MapReduceRequest, opening: Opening): Promise<OpenedInput> {
  const { session, scope } = opening;
  if ("dataset" in input) {
    const name = toDatasetName(input.dataset);
    return { input: { rows: await openRows(code, name, opening), name }, assertSame: () => Promise.resolve() };
  }
  if ("topic" in input) {
    const { name } = input.topic;
    return { input: { rows: await openRecords(code, name, opening), name }, assertSame: () => Promise.resolve() };
  }
  const found = await findMapFiles(session, scope.paths.root, input.files);
  const assertSame = (): Promise<void> => assertUnchanged(found);
  if (code.read !== "rows") {
    return { input: { files: found.map((file) => toMapFile(scope.paths.root, file)) }, assertSame };
  }
  const list = found.map(({ path }) => quoteLiteral(path)).join(", ");
  const sql = `SELECT * FROM read_parquet([${list}], union_by_name = true)`;
  return { input: { rows: streamRows(code, sql, opening), name: "the files" }, assertSame };
}

async function openRows(code: MapReduceCode, name: string, opening: Opening): Promise<AsyncIterable<RowChunk>> {
  const { session, folder, scope } = opening;
  const options = { spool: join(folder, "input"), warn: (message: string) => scope.log.warn(message) };
  await defineRows(session, "input", await openDataset(session, scope.catalog, { dataset: name }, options));
  return streamRows(code, "SELECT * FROM input", opening);
}

/** Records by partition and offset, as queries see them. */
async function openRecords(code: MapReduceCode, name: string, opening: Opening): Promise<AsyncIterable<RowChunk>> {
  const { session, folder, scope } = opening;
  const { signal } = scope;
  const others = await defineRecords(session, scope.topics, [name], { spool: join(folder, "input"), signal });
  if (others.length > 0) {
    throw new MillraceError("TOPIC_UNKNOWN", `no log is at hand to read topic \`${name}\` from`, {
      hint: "run the job in a project that has a store",
    });
  }
  return streamRows(code, `SELECT * FROM ${quoteIdentifier(name)} ORDER BY _partition, _offset`, opening);
}

/** By columns where the job takes them so. */
function streamRows(
  { mapBatch }: MapReduceCode,
  sql: string,
  { session, scope: { signal } }: Opening,
): AsyncIterable<RowChunk> {
  return mapBatch === undefined ? session.stream(sql, { signal }) : session.streamColumns(sql, { signal });
}

function toBadRecords(policy: BadRecordPolicy): BadRecords {
  if (policy === "fail") return { most: 0, isKept: false };
  if ("skip" in policy) return { most: policy.skip, isKept: false };
  return { most: policy.most ?? mostLettersByDefault, isKept: true };
}

function toFigures(reduced: MapReduced): MapReduceFigures {
  const { records, emitted, keys, bad, spilledBytes, threads, lostAttempts, parts } = reduced;
  return {
    records,
    emitted,
    keys,
    badRecords: bad,
    spilledBytes,
    threads,
    lostAttempts,
    largestPartBytes: parts.largestBytes,
    medianPartBytes: parts.medianBytes,
  };
}
