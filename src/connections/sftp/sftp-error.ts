// What an SSH server and its driver fail with, as MillraceErrors.
import { MillraceError } from "../../core/errors/errors.ts";
import { classifyError } from "../../core/errors/classify-error.ts";

/** @param what was done, with its place: ``reading `sftp://host/path` `` */
export function toSftpError(thrown: unknown, what: string): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const { code, level, message } = describe(thrown);
  const options = { cause: thrown };
  if (level === "client-authentication") {
    return new MillraceError("AUTHENTICATION_FAILED", `${what}: the server does not accept the account`, {
      ...options,
      hint: "compare `user` and `password` or `privateKey` of the connection with the server's",
    });
  }
  switch (code) {
    case noSuchFile:
      return new MillraceError("SOURCE_MISSING", `${what}: no such file or folder`, options);
    case permissionDenied:
      return new MillraceError("PERMISSION_DENIED", `${what}: permission denied`, {
        ...options,
        hint: "give the account of the connection the right to do this",
      });
    case failure:
    case unsupported:
      return new MillraceError("REQUEST_REJECTED", `${what}: the server refuses it (${message})`, options);
    default:
      return lost(thrown, what, message);
  }
}

/** Whether there is no such file or folder. */
export function isMissing(thrown: unknown): boolean {
  return describe(thrown).code === noSuchFile;
}

/** @see https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02#section-7 */
const noSuchFile = 2;
const permissionDenied = 3;
const failure = 4;
const unsupported = 8;

function lost(thrown: unknown, what: string, message: string): MillraceError {
  if (/private key|passphrase/i.test(message)) {
    return new MillraceError("CONFIG_INVALID", `${what}: the private key cannot be read`, {
      hint: "compare `privateKey` and `passphrase` of the connection with the file of the key",
    });
  }
  if (/no matching/i.test(message)) {
    return new MillraceError("CONNECTION_FAILED", `${what}: server and client have no algorithm in common`, {
      cause: thrown,
      disposition: "fail",
      hint: "compare the kind of key in `hostKey` with those that the server has",
    });
  }
  const { code } = classifyError(thrown, 0);
  if (code === "DISK_FULL" || code === "OPEN_FILES_EXHAUSTED") {
    return new MillraceError(code, `${what}: ${message}`, { cause: thrown });
  }
  return new MillraceError("CONNECTION_FAILED", `${what}: the session was lost or not made (${message})`, {
    cause: thrown,
  });
}

function describe(thrown: unknown): { readonly code: unknown; readonly level: unknown; readonly message: string } {
  const { code, level } = thrown as { code?: unknown; level?: unknown };
  return { code, level, message: thrown instanceof Error ? thrown.message.slice(0, 200) : "unknown" };
}
