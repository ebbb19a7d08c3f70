// Opens the project for a command that stays, and begins its work: a database that is away meanwhile is waited for, as it is later.
import type { App } from "../app/app.ts";
import { MillraceError } from "../core/errors/errors.ts";
import type { CommandContext } from "./command-context.ts";

type Patience = Pick<CommandContext, "environment"> & {
  readonly terminal: Pick<CommandContext["terminal"], "note">;
};
type Opening = Patience & Pick<CommandContext, "openApp">;

/** SQL states that no waiting cures: password, user, database, rights, tables. */
const lasting: ReadonlySet<unknown> = new Set(["28P01", "28000", "3D000", "42501", "42P01"]);
const firstPauseMs = 500;
const maxPauseMs = 10_000;

/**
 * The open project, or `undefined` when `signal` aborted first. A store in a file is not waited for: what is wrong there stays so.
 * @throws MillraceError as `openApp` does, but not while the database cannot be reached
 */
export async function openPatiently(
  context: Opening,
  signal: AbortSignal,
  wait: typeof pause = pause,
): Promise<App | undefined> {
  return await patiently(context, signal, () => context.openApp(), wait);
}

/**
 * What `begin` gives, which is called again while the database cannot be reached: also one that went away since the project was opened.
 * @param begin leaves nothing behind when it fails
 * @returns `undefined` when `signal` aborted first
 */
export async function patiently<Begun>(
  context: Patience,
  signal: AbortSignal,
  begin: () => Promise<Begun>,
  wait: typeof pause = pause,
): Promise<Begun | undefined> {
  for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    try {
      return await begin();
    } catch (error) {
      if (context.environment.databaseUrl === undefined || !isPassing(error)) throw error;
      if (pauseMs === firstPauseMs) context.terminal.note(`${error.message}; waiting for it, Ctrl-C ends the wait`);
      await wait(pauseMs, signal);
    }
  }
  return undefined;
}

function isPassing(error: unknown): error is MillraceError {
  if (!(error instanceof MillraceError) || error.code !== "STORE_UNAVAILABLE") return false;
  const { cause } = error;
  return !(cause instanceof Error && "code" in cause && lasting.has(cause.code));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
