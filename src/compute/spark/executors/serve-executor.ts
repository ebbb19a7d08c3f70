// A process on an executor, which `select transform` starts for each task: it reads numbers of tasks from its input, does them, and writes
// a line for each when all of it is on disk. It ends with a code that says whose fault it was, and the reason as its last line.
import { Console } from "node:console";
import { readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { classifyError } from "../../../core/errors/classify-error.ts";
import { MillraceError, toErrorRecord } from "../../../core/errors/errors.ts";
import type { MapReduceCode } from "../../../core/mapreduce/map-reduce.ts";
import { openBucketPlace } from "./bucket-place.ts";
import { doTask } from "./do-task.ts";
import { assertFile, loadCode } from "./load-code.ts";
import {
  executorExit,
  type ExecutorJob,
  type ExecutorTask,
  protocolVersion,
  type TaskAnswer,
  type TaskTrailer,
} from "./executor-protocol.ts";
import { openSharedPlace, type ProcessPlace } from "./process-place.ts";
import { withoutSignature } from "./signed-exchange.ts";
import { type LeaseWatch, watchLease } from "./watch-lease.ts";

export interface ServeExecutorOptions {
  /** The file that this is in, which its threads are started from, too. */
  readonly file: string;
  /** Loads the functions of a job. Default: from the file that was sent beside this one. */
  readonly load?: (job: ExecutorJob) => Promise<MapReduceCode>;
}

/** Does what the command line and the input say, then ends the process. */
export async function serveExecutor({ file, ...options }: ServeExecutorOptions): Promise<void> {
  const { load = async (job) => await loadCode(dirname(file), job) } = options;
  if (!isMainThread) return watchLease(workerData as LeaseWatch);
  sendOutputToErrors();
  const { where, round } = parseArguments(process.argv.slice(2));
  const shared = await openPlace(where, round);
  const { job, folder, lease, tasks } = shared;
  let task = -1;
  const fail = async (thrown: unknown): Promise<never> => await endWith(thrown, shared, task);
  process.on("uncaughtException", (thrown) => void fail(thrown));
  process.on("unhandledRejection", (thrown) => void fail(thrown));
  try {
    startWatch(file, { folder, leaseMs: job.leaseMs, parent: process.ppid, ...(lease === undefined ? {} : { lease }) });
    assertFile(file, job.files.runner);
    const code = await load(job);
    for (const place of readPlaces()) {
      const wanted = tasks[place];
      if (wanted === undefined) throw new MillraceError("INTERNAL", `round \`${round}\` has no task ${place}`);
      ({ task } = wanted);
      tell({ eof: true, task, answer: await shared.publish(task, await doWanted(wanted, shared, code)) });
    }
  } catch (thrown) {
    await fail(thrown);
  }
  shared.clear();
  // whatever the code of the job has left open
  process.exit(0);
}

async function doWanted(wanted: ExecutorTask, shared: ProcessPlace, code: MapReduceCode): Promise<TaskAnswer> {
  const { folder, job } = shared;
  const task = await shared.prepare(wanted);
  try {
    return await doTask(task, { folder, job, code });
  } catch (thrown) {
    if (!(thrown instanceof MillraceError) || !(await shared.completes(wanted, thrown))) throw thrown;
    return await doTask(task, { folder, job, code });
  }
}

interface Where {
  /** A folder, or the address of a round in a bucket. */
  readonly where: string;
  readonly round: string;
}

function parseArguments([encoded = "", round = ""]: readonly string[]): Where {
  const where = Buffer.from(encoded, "base64url").toString();
  if (/^(?:\/|https?:\/\/)/.test(where) && /^[a-z]+-\d+$/.test(round)) return { where, round };
  say(`millrace: expected a folder and a round, got: \`${encoded}\` \`${round}\``);
  process.exit(executorExit.badSpec);
}

async function openPlace(where: string, round: string): Promise<ProcessPlace> {
  let place: ProcessPlace;
  try {
    place = where.startsWith("/") ? openSharedPlace(where, round) : await openBucketPlace(where);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(`millrace: this executor cannot read \`${withoutSignature(where)}\`: ${reason}`);
    process.exit(executorExit.noFolder);
  }
  const { version } = place.job;
  if (version === protocolVersion) return place;
  say(`millrace: expected version ${protocolVersion} of the protocol, got: \`${version}\``);
  process.exit(executorExit.badSpec);
}

function startWatch(file: string, watch: LeaseWatch): void {
  const thread = new Worker(file, { workerData: watch, stdout: false, stderr: false });
  // a process that nobody watches could live for ever
  thread.once("error", (error) => {
    throw error;
  });
  thread.unref();
}

/** Numbers of tasks, one a line. */
function readPlaces(): readonly number[] {
  const lines = readFileSync(0, "utf8").split("\n");
  return lines.filter((line) => line !== "").map(Number);
}

function tell(trailer: TaskTrailer): void {
  writeAll(1, `${JSON.stringify(trailer)}\n`);
}

function say(line: string): void {
  writeAll(2, `${line}\n`);
}

function writeAll(handle: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
}

/** What the code of the job prints is no answer. */
function sendOutputToErrors(): void {
  globalThis.console = new Console(process.stderr, process.stderr);
  process.stdout.write = process.stderr.write.bind(process.stderr);
}

async function endWith(thrown: unknown, shared: ProcessPlace, task: number): Promise<never> {
  const error = classifyError(thrown);
  const record = toErrorRecord(error);
  try {
    await shared.fail(task, record);
    shared.clear();
  } catch {
    // the folder is full or gone; the last line tells it, too
  }
  // Spark keeps the last two kilobytes
  say(`millrace: ${JSON.stringify({ task, code: record.code, message: record.message.slice(0, 1_000) })}`);
  process.exit(exitCodeOf(error));
}

function exitCodeOf({ code, disposition }: MillraceError): number {
  if (disposition === "retry") return executorExit.transient;
  if (code === "JOB_UNKNOWN" || code === "INTERNAL") return executorExit.badSpec;
  return inputCodes.has(code) ? executorExit.badInput : executorExit.userCode;
}

const inputCodes: ReadonlySet<string> = new Set(["RECORD_INVALID", "RECORD_TOO_LARGE", "SOURCE_UNREADABLE"]);
