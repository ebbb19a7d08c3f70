// An SQLite file that belongs to somebody else, open for as long as one piece of work needs it. A process works on it in a line;
// for other processes it waits without blocking the thread. What an interrupted transaction left is rolled back by whoever comes.
import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { MillraceError } from "../../../core/errors/errors.ts";
import { toTargetError } from "../../files/file-system.ts";
import { inLine } from "../file-line.ts";

export interface SqliteAccess {
  readonly readOnly: boolean;
  /** How long another process may hold the file before this gives up; default half a minute. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Opens an SQLite file for `work`; without `readOnly` the file need not be there yet.
 * @throws MillraceError `TARGET_UNREADABLE` for another kind of file, `TARGET_CONFLICT` when another process keeps it locked, `DISK_FULL`
 */
export async function withSqliteFile<T>(
  path: string,
  access: SqliteAccess,
  work: (database: DatabaseSync) => Promise<T> | T,
): Promise<T> {
  return await inLine(path, async () => {
    try {
      using database = await open(path, access);
      return await work(database);
    } catch (error) {
      throw toSqliteError(error, path);
    } finally {
      await rollBackLeftover(path, access);
    }
  });
}

/** Repeats `action` while another process has the lock that it needs. @throws what `action` throws when the time is over */
export async function whenFree<T>(
  action: () => T,
  { waitMs = maxWaitMs, signal }: Omit<SqliteAccess, "readOnly">,
): Promise<T> {
  const untilMs = performance.now() + waitMs;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 250)) {
    try {
      return action();
    } catch (error) {
      const passes = primaryCode(error) === busy || primaryCode(error) === locked;
      if (!passes || performance.now() + pauseMs > untilMs) throw error;
    }
    if (signal?.aborted === true) throw toStopped(signal);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Tells whether the file has a transaction that was interrupted; nothing is changed. @throws MillraceError `TARGET_UNREADABLE` */
export async function hasInterruptedTransaction(path: string): Promise<boolean> {
  try {
    using _database = await openOnce(path, { readOnly: true, waitMs: 0 });
    return false;
  } catch (error) {
    if (primaryCode(error) === readOnlyFile) return true;
    if (primaryCode(error) === busy) return false; // somebody is at it
    throw toSqliteError(error, path);
  }
}

/** What `node:sqlite` throws as a MillraceError. */
export function toSqliteError(error: unknown, path: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  switch (isRefusedWrite(error) ? full : primaryCode(error)) {
    case undefined:
      return toTargetError(error, path);
    case busy:
    case locked:
      return new MillraceError("TARGET_CONFLICT", `\`${path}\` is locked by another connection`, {
        cause: error,
        hint: "another program writes to the database; the run is tried again later",
      });
    case full:
      return new MillraceError("DISK_FULL", `no space left while writing \`${path}\`: ${message}`, {
        cause: error,
        hint: "free some space and run again; nothing was published",
      });
    case readOnlyFile:
      return new MillraceError("TARGET_UNREADABLE", `SQLite database \`${path}\`: ${message}`, {
        cause: error,
        hint: "give the process the right to write to the file and its folder; an interrupted transaction in it must be rolled back",
      });
    default:
      return new MillraceError("TARGET_UNREADABLE", `SQLite database \`${path}\`: ${message}`, { cause: error });
  }
}

const maxWaitMs = 30_000;

// https://www.sqlite.org/rescode.html
const [busy, locked, readOnlyFile, full] = [5, 6, 8, 13];

/** `SQLITE_IOERR_` with `WRITE`, `FSYNC`, `DIR_FSYNC`, `TRUNCATE`, `SHMSIZE`: a quota, or a limit of the size of files. */
const refusedWrites = [778, 1034, 1290, 1546, 4874];

function isRefusedWrite(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && refusedWrites.includes(Number(error.errcode));
}

function primaryCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
}

function toStopped({ reason }: AbortSignal): MillraceError {
  if (reason instanceof MillraceError) return reason;
  return new MillraceError("RUN_STOPPED", "the run was stopped while it waited for a database", { cause: reason });
}

async function open(path: string, access: SqliteAccess): Promise<DatabaseSync> {
  try {
    return await openOnce(path, access);
  } catch (error) {
    if (!access.readOnly || primaryCode(error) !== readOnlyFile) throw error;
    // only a connection that may write can roll back what an interrupted transaction has left
    return await openOnce(path, { ...access, readOnly: false });
  }
}

async function openOnce(path: string, access: SqliteAccess): Promise<DatabaseSync> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path, { readOnly: access.readOnly });
  try {
    // A file that is no database is noticed at the first read, and so is a journal that has to be rolled back.
    await whenFree(() => database.prepare("SELECT count(*) FROM sqlite_master").get(), access);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** After a full disk a connection may have been unable to roll back; a new one can, as soon as there is room. */
async function rollBackLeftover(path: string, access: SqliteAccess): Promise<void> {
  if (access.readOnly || !existsSync(`${path}-journal`)) return;
  try {
    using _database = await openOnce(path, { readOnly: false, waitMs: 0 });
  } catch {
    // whoever opens the file next does it
  }
}
