// Jobs of map and reduce on executors of a real Spark, and the same ones here, for the suites that compare the two.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuiltExecutorCode, buildExecutorCode } from "../../../src/cli/bundle/build-executor-code.ts";
import type { MapInput, MapReduced, MapReduceOptions } from "../../../src/compute/mapreduce/map-reduce-options.ts";
import { runMapReduce } from "../../../src/compute/mapreduce/map-reduce.ts";
import type { ConnectSession, OperationOptions } from "../../../src/compute/spark/connect/connect-session.ts";
import { sha256Of } from "../../../src/compute/spark/executors/executor-files.ts";
import { runOnExecutors } from "../../../src/compute/spark/executors/run-on-executors.ts";
import { openSparkTasks } from "../../../src/compute/spark/executors/spark-tasks.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { MapReduceCode } from "../../../src/core/mapreduce/map-reduce.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import jobs from "./fixtures/executor-jobs.ts";
import { sharedSparkConnect } from "./shared-spark.ts";
import type { SparkConnect } from "./spark-connect.ts";

/** Where the jobs are that are sent. */
export const executorJobs: { readonly root: string; readonly file: string } = {
  root: fileURLToPath(new URL("fixtures", import.meta.url)),
  file: fileURLToPath(new URL("fixtures/executor-jobs.ts", import.meta.url)),
};

export type JobName = (typeof jobs)[number]["name"];
export type RunOptions = Partial<Pick<MapReduceOptions, "bad" | "signal" | "onProgress" | "splitBytes">>;
type Threads = Partial<Pick<MapReduceOptions, "launch" | "threads">>;
/** What a test does to a session before it is used. */
export type ChangeSession = (session: ConnectSession) => ConnectSession;

export interface Ended extends MapReduced {
  readonly text: string;
  /** Of all rows in their order. */
  readonly sha256: string;
}

export function optionsOf(
  job: JobName,
  input: MapInput,
  folder: string,
  options: RunOptions & Threads,
): MapReduceOptions {
  return {
    code: jobs.find(({ name }) => name === job)?.mapReduce as MapReduceCode,
    input,
    memoryBytes: 64_000_000,
    threads: 1,
    inlineBytes: 0,
    maxLineBytes: 1_000_000,
    bad: { most: 0, isKept: false },
    folder,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...options,
  };
}

/** The shared Spark, and the code of the jobs as it is sent. */
export class ExecutorRuns {
  readonly spark: SparkConnect;
  readonly code: BuiltExecutorCode;

  private constructor(spark: SparkConnect, code: BuiltExecutorCode) {
    this.spark = spark;
    this.code = code;
  }

  static async open(): Promise<ExecutorRuns> {
    const code = await buildExecutorCode({ ...executorJobs, version: "0.0.0" });
    return new ExecutorRuns(await sharedSparkConnect(), code);
  }

  async runHere(job: JobName, input: MapInput, options: RunOptions = {}): Promise<Ended> {
    return await withFolder(async (folder) => await runMapReduce(optionsOf(job, input, folder, options)));
  }

  async runThere(
    job: JobName,
    input: MapInput,
    options: RunOptions = {},
    change: ChangeSession = (session) => session,
  ): Promise<Ended> {
    const open = async (signal: AbortSignal) =>
      await openSparkTasks(change(await this.spark.open()), this.code, signal);
    return await withFolder(async (folder) => {
      return await runOnExecutors(optionsOf(job, input, folder, options), { open, clock: createSystemClock() });
    });
  }

  /** Processes of this machine that run tasks. */
  async listProcesses(): Promise<readonly string[]> {
    const all = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(
      all.map(async (id) => await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")),
    );
    const runner = sha256Of(this.code.runner);
    return lines.filter((line) => line.startsWith("node\0") && line.includes(runner));
  }
}

export async function withFolder(work: (folder: string) => Promise<MapReduced>): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-shared-"));
  try {
    const reduced = await work(folder);
    const texts = await Promise.all(reduced.files.map(async (path) => await readFile(path)));
    const text = Buffer.concat(texts);
    return { ...reduced, text: text.toString(), sha256: sha256Of(text) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As a service that runs no commands in SQL does. */
export const refuseTransform: ChangeSession = (session) => {
  const execute = session.execute.bind(session);
  return Object.assign(session, {
    execute: (plan: Uint8Array, options?: OperationOptions) => {
      if (!Buffer.from(plan).includes("transform(")) return execute(plan, options);
      throw new MillraceError("SQL_INVALID", "spark: there is no such thing here");
    },
  });
};
