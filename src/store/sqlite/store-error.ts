// Turns what SQLite and the file system throw into the store's error codes.
import { MillraceError } from "../../core/errors/errors.ts";

// Primary result codes, https://www.sqlite.org/rescode.html
const busyCodes: ReadonlySet<number> = new Set([5, 6]);
const unreachableCodes: ReadonlySet<number> = new Set([3, 7, 8, 10, 14, 23]);
const corruptCodes: ReadonlySet<number> = new Set([11, 26]);
const fullCode = 13;

/** A MillraceError for anything that an operation on the store file threw; its own errors pass unchanged. */
export function toStoreError(thrown: unknown, path: string): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "ERR_SQLITE_ERROR") return fromResultCode(resultCode(thrown), message, path, thrown);
  if (code === "ENOSPC" || code === "EDQUOT") return diskFull(path, thrown);
  if (code === "ERR_INVALID_STATE") {
    return new MillraceError("STORE_UNAVAILABLE", `store is closed: \`${path}\``, { cause: thrown });
  }
  if (typeof code === "string" && /^E[A-Z]+$/.test(code)) return unreachable(message, path, thrown);
  return new MillraceError("INTERNAL", `store failed: ${message}`, { cause: thrown });
}

/** Tells whether another connection holds the lock that was asked for. */
export function isBusy(thrown: unknown): boolean {
  return busyCodes.has(resultCode(thrown));
}

function fromResultCode(result: number, message: string, path: string, cause: unknown): MillraceError {
  if (busyCodes.has(result)) {
    return new MillraceError("STORE_UNAVAILABLE", `store is locked by another process: \`${path}\``, {
      hint: "it frees itself when the other process is done; look for one that is suspended or hangs",
      cause,
    });
  }
  if (unreachableCodes.has(result)) return unreachable(message, path, cause);
  if (result === fullCode) return diskFull(path, cause);
  if (corruptCodes.has(result)) {
    return new MillraceError("STORE_CORRUPT", `store file is damaged or not a store: \`${path}\``, {
      hint: "move the file away to begin with an empty store, or restore a backup together with its -wal file",
      cause,
    });
  }
  return new MillraceError("INTERNAL", `store failed: ${message}`, { cause, details: { resultCode: result } });
}

function unreachable(message: string, path: string, cause: unknown): MillraceError {
  return new MillraceError("STORE_UNAVAILABLE", `store cannot be read or written (${message}): \`${path}\``, {
    hint: "check that the folder exists and that this user may write to it",
    cause,
  });
}

function diskFull(path: string, cause: unknown): MillraceError {
  return new MillraceError("DISK_FULL", `no space left for the store: \`${path}\``, {
    hint: "free space, then the orchestrator goes on by itself",
    cause,
  });
}

// Extended codes carry the primary one in their low byte.
function resultCode(thrown: unknown): number {
  if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return 0;
  return thrown.errcode & 0xff;
}
