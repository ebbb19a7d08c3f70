// What SQLite and the file system throw below a local store, as errors of the project.
import { MillraceError } from "../../core/errors/errors.ts";

/** A MillraceError for anything that an operation on a file of a local store threw; its own errors pass unchanged. */
export function toLocalStoreError(thrown: unknown, path: string): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (isFull(thrown)) {
    return new MillraceError("DISK_FULL", `no space left for a local store: \`${path}\``, {
      cause: thrown,
      hint: "free some space; the store goes on where it was",
    });
  }
  return new MillraceError("LOCAL_STORE_FAILED", `local store cannot be read or written (${message}): \`${path}\``, {
    cause: thrown,
    hint: "the folder may be deleted while no worker executes: its stores are made anew from snapshots and topics",
  });
}

/** Tells whether the file is damaged or of another kind, so that it is of no use. */
export function isDamaged(thrown: unknown): boolean {
  return damagedCodes.has(resultCode(thrown));
}

/** Tells whether another connection has the lock. */
export function isTaken(thrown: unknown): boolean {
  return takenCodes.has(resultCode(thrown));
}

// Primary result codes, https://www.sqlite.org/rescode.html
const damagedCodes: ReadonlySet<number> = new Set([11, 26]);
const takenCodes: ReadonlySet<number> = new Set([5, 6]);
const fullCode = 13;

function isFull(thrown: unknown): boolean {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return resultCode(thrown) === fullCode || code === "ENOSPC" || code === "EDQUOT";
}

// Extended codes carry the primary one in their low byte.
function resultCode(thrown: unknown): number {
  if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return 0;
  return thrown.errcode & 0xff;
}
