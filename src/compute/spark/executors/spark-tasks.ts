// Starts processes on executors of Spark, over Spark Connect: by `select transform`, or by Python where that is refused. The job's code is
// an artifact of the session.
import { basename } from "node:path";
import { MillraceError } from "../../../core/errors/errors.ts";
import { sqlPlan } from "../connect/connect-requests.ts";
import type { ConnectSession, OperationOptions } from "../connect/connect-session.ts";
import { assertTransform, prepareSession } from "../prepare-session.ts";
import { queryRows, readPlan } from "../read-rows.ts";
import { sha256Of } from "./executor-files.ts";
import { fileName } from "./executor-protocol.ts";
import type { TaskRound, TaskStarter } from "./executors.ts";
import { bridgePlan, type PythonBridge, pythonIn } from "./python-bridge.ts";
import { type TransformOptions, transformStatement } from "./transform-statement.ts";

/** What executors run, as files of JavaScript. */
export interface ExecutorCode {
  /** Calls `serveExecutor` with what `loadCode` loads. */
  readonly runner: Uint8Array;
  /** The module of the job. */
  readonly code: Uint8Array;
}

/**
 * Looks whether executors run commands and have Node.js, and sends them the code. Where Spark refuses `transform`, its workers of Python
 * start the processes.
 * @param session is closed with what this returns, or when it fails
 * @throws MillraceError `CAPABILITY_MISSING`, `CONFIG_INVALID`, and what the session throws
 */
export async function openSparkTasks(
  session: ConnectSession,
  { runner, code }: ExecutorCode,
  signal: AbortSignal,
): Promise<TaskStarter> {
  const files = { runner: sha256Of(runner), code: sha256Of(code) };
  let read: ReadLines;
  try {
    await prepareSession(session, signal);
    read = await findWay(session, signal);
    await session.addArtifact({ name: `files/${fileName(files.runner)}`, bytes: runner }, { signal });
    await session.addArtifact({ name: `files/${fileName(files.code)}`, bytes: code }, { signal });
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
  return {
    files,
    start: (round, stop) => readLines(session, { ...round, runner: files.runner }, { read, signal: stop }),
    untilFree: async (stop) => {
      await queryRows(session, "select count(*) as n from range(0, 2, 1, 2)", { signal: stop });
    },
    [Symbol.asyncDispose]: async () => await session[Symbol.asyncDispose](),
  };
}

/** What Spark's own screens show for all statements of one attempt. @param folder that it shares with executors */
export function tagOf(folder: string): string {
  return `millrace:${basename(folder)}`.replaceAll(",", " ");
}

type Rows = ReturnType<typeof readPlan>;
/** One way to start processes. */
type ReadLines = (round: TransformOptions, options: OperationOptions) => Rows;

async function findWay(session: ConnectSession, signal: AbortSignal): Promise<ReadLines> {
  try {
    await assertTransform(session, signal);
    return (round, options) => readPlan(session, sqlPlan(transformStatement(round)), options);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== "CAPABILITY_MISSING") throw error;
    const python = await findPython(session, signal).catch((cause: unknown) => {
      if (signal.aborted) throw cause;
      throw neither(error, cause);
    });
    return (round, options) => readPlan(session, bridgePlan({ ...bridged(round), python }), options);
  }
}

/** The version of Python that can start a process, on executors. */
async function findPython(session: ConnectSession, signal: AbortSignal): Promise<string> {
  // without it the reason of a failure is below a trace, where values of rows may be, too
  await session.set({ "spark.sql.execution.pyspark.udf.hideTraceback.enabled": "true" }, { signal });
  const command = ["node", "--eval", "process.stdin.pipe(process.stdout)"] as const;
  const probe = async (python: string): Promise<string> => {
    const rows = await Array.fromAsync(
      readPlan(session, bridgePlan({ files: [], command, tasks: 1, python }), { signal }),
    );
    if (rows.flat()[0]?.["line"] === "0") return python;
    throw new MillraceError("CAPABILITY_MISSING", "a process that Python started on an executor said nothing");
  };
  try {
    return await probe(likelyPython);
  } catch (error) {
    const python = pythonIn(error);
    if (python === undefined) throw error;
    return await probe(python);
  }
}

/** Executors say which one they have when it is another one. */
const likelyPython = "3.11";

function bridged(options: TransformOptions): Omit<PythonBridge, "python"> {
  const { serverSessionId, runner, folder, address = folder, round, tasks } = options;
  const file = fileName(runner);
  const encoded = Buffer.from(address).toString("base64url");
  return { files: [`${serverSessionId}/${file}`, file], command: ["node", encoded, round], tasks };
}

async function* readLines(
  session: ConnectSession,
  round: TaskRound & { readonly runner: string },
  { read, signal }: { readonly read: ReadLines; readonly signal: AbortSignal },
): AsyncGenerator<string, void> {
  const { serverSessionId } = session;
  if (serverSessionId === undefined) throw new MillraceError("INTERNAL", "Spark has not said how it calls the session");
  for await (const rows of read(
    { ...round, serverSessionId },
    { signal, tags: [tagOf(round.folder), `millrace ${round.round}`] },
  )) {
    for (const { line } of rows) yield String(line);
  }
}

function neither({ message, hint }: MillraceError, cause: unknown): MillraceError {
  return new MillraceError("CAPABILITY_MISSING", `${message}, and Python starts none there`, {
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}
