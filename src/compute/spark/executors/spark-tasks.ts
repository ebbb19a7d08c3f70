// Starts processes on executors of Spark, by `select transform` over Spark Connect. The job's code is an artifact of the session.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { ConnectSession } from "../connect/connect-session.ts";
import { assertTransform, prepareSession } from "../prepare-session.ts";
import { queryRows, readRows } from "../read-rows.ts";
import type { TaskRound, TaskStarter } from "./executors.ts";
import { sha256Of } from "./executor-files.ts";
import { fileName } from "./executor-protocol.ts";
import { transformStatement } from "./transform-statement.ts";

/** What executors run, as files of JavaScript. */
export interface ExecutorCode {
  /** Calls `serveExecutor` with what `loadCode` loads. */
  readonly runner: Uint8Array;
  /** The module of the job. */
  readonly code: Uint8Array;
}

/**
 * Looks whether executors run commands and have Node.js, and sends them the code.
 * @param session is closed with what this returns, or when it fails
 * @throws MillraceError `CAPABILITY_MISSING`, `CONFIG_INVALID`, and what the session throws
 */
export async function openSparkTasks(
  session: ConnectSession,
  { runner, code }: ExecutorCode,
  signal: AbortSignal,
): Promise<TaskStarter> {
  const files = { runner: sha256Of(runner), code: sha256Of(code) };
  try {
    await prepareSession(session, signal);
    await assertTransform(session, signal);
    await session.addArtifact({ name: `files/${fileName(files.runner)}`, bytes: runner }, { signal });
    await session.addArtifact({ name: `files/${fileName(files.code)}`, bytes: code }, { signal });
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
  return {
    files,
    start: (round, stop) => readLines(session, { ...round, runner: files.runner }, stop),
    untilFree: async (stop) => {
      await queryRows(session, "select count(*) as n from range(0, 2, 1, 2)", { signal: stop });
    },
    [Symbol.asyncDispose]: async () => await session[Symbol.asyncDispose](),
  };
}

async function* readLines(
  session: ConnectSession,
  round: TaskRound & { readonly runner: string },
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const { serverSessionId } = session;
  if (serverSessionId === undefined) throw new MillraceError("INTERNAL", "Spark has not said how it calls the session");
  const sql = transformStatement({ ...round, serverSessionId });
  for await (const rows of readRows(session, sql, { signal, tags: [`millrace ${round.round}`] })) {
    for (const { line } of rows) yield String(line);
  }
}
