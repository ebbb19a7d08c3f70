// A process on an executor, which `select transform` starts for each task: it reads numbers of tasks from its input, does them, and writes
// a line for each when all of it is on disk. It ends with a code that says whose fault it was, and the reason as its last line.
import { Console } from "node:console";
import { readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { classifyError } from "../../../core/errors/classify-error.ts";
import { MillraceError, toErrorRecord } from "../../../core/errors/errors.ts";
import type { MapReduceCode } from "../../../core/mapreduce/map-reduce.ts";
import { doTask } from "./do-task.ts";
import { assertFile, loadCode } from "./load-code.ts";
import { readJson, writeAnswer } from "./executor-files.ts";
import {
  executorExit,
  type ExecutorJob,
  type ExecutorTask,
  placesIn,
  protocolVersion,
  type TaskFailure,
  type TaskTrailer,
} from "./executor-protocol.ts";
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
  const { folder, round } = parseArguments(process.argv.slice(2));
  let task = -1;
  const fail = (thrown: unknown): never => endWith(thrown, { folder, round, task });
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  const [job, tasks] = readFolder(folder, round);
  try {
    startWatch(file, { folder, leaseMs: job.leaseMs, parent: process.ppid });
    assertFile(file, job.files.runner);
    const code = await load(job);
    for (const place of readPlaces()) {
      const wanted = tasks[place];
      if (wanted === undefined) throw new MillraceError("INTERNAL", `round \`${round}\` has no task ${place}`);
      ({ task } = wanted);
      const answer = writeAnswer(placesIn(folder).answers(round), task, await doTask(wanted, { folder, job, code }));
      tell({ eof: true, task, answer });
    }
  } catch (thrown) {
    fail(thrown);
  }
  // whatever the code of the job has left open
  process.exit(0);
}

interface Where {
  readonly folder: string;
  readonly round: string;
}

function parseArguments([encoded = "", round = ""]: readonly string[]): Where {
  const folder = Buffer.from(encoded, "base64url").toString();
  if (folder.startsWith("/") && /^[a-z]+-\d+$/.test(round)) return { folder, round };
  say(`millrace: expected a folder and a round, got: \`${encoded}\` \`${round}\``);
  process.exit(executorExit.badSpec);
}

function readFolder(folder: string, round: string): readonly [ExecutorJob, readonly ExecutorTask[]] {
  const places = placesIn(folder);
  let job: ExecutorJob;
  let tasks: readonly ExecutorTask[];
  try {
    job = readJson<ExecutorJob>(places.job);
    tasks = readJson<readonly ExecutorTask[]>(places.tasks(round));
  } catch (error) {
    say(`millrace: this executor cannot read \`${folder}\`: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(executorExit.noFolder);
  }
  if (job.version === protocolVersion) return [job, tasks];
  say(`millrace: expected version ${protocolVersion} of the protocol, got: \`${job.version}\``);
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

function endWith(thrown: unknown, { folder, round, task }: Where & { readonly task: number }): never {
  const error = classifyError(thrown);
  const record = toErrorRecord(error);
  try {
    writeAnswer(placesIn(folder).failures(round), Math.max(0, task), { task, error: record } satisfies TaskFailure);
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
