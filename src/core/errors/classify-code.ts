// Maps the error codes of Node.js, undici, axios, TLS and SQLite, and SQLSTATE, to the class of the error.
import type { ErrorClass } from "./error-class.ts";
import type { ErrorCode } from "./error-codes.ts";

/** What an error is, whoever threw it. */
export interface Classification {
  readonly code: ErrorCode;
  readonly errorClass: ErrorClass;
  readonly hint?: string;
}

/** The meaning of `error.code`; `undefined` for none or one that is not known. */
export function classifyCode(error: object): Classification | undefined {
  const code: unknown = "code" in error ? error.code : undefined;
  if (typeof code !== "string") return undefined;
  return systemCodes[code] ?? classifyPrefix(code) ?? (isSqlState(code, error) ? classifySqlState(code) : undefined);
}

const noAnswer = transient("network_timeout");
const locked = transient("database_lock");

const diskFull: Classification = {
  code: "DISK_FULL",
  errorClass: "unknown",
  hint: "free space, then the run goes on by itself",
};

const tooManyOpen: Classification = {
  code: "OPEN_FILES_EXHAUSTED",
  errorClass: "unknown",
  hint: "raise the limit of open files, e.g. with `ulimit -n`",
};

const denied: Classification = {
  code: "PERMISSION_DENIED",
  errorClass: "permission",
  hint: "give the account that runs this the right that is missing, then run again",
};

const loginFailed: Classification = {
  code: "AUTHENTICATION_FAILED",
  errorClass: "authentication",
  hint: "renew the credentials of the connection, then run again",
};

const untrusted: Classification = {
  code: "CERTIFICATE_INVALID",
  errorClass: "configuration",
  hint: "correct the host name, or have Node.js trust the authority with NODE_EXTRA_CA_CERTS",
};

const systemCodes: Readonly<Record<string, Classification>> = {
  ECONNRESET: noAnswer,
  ECONNREFUSED: noAnswer,
  ECONNABORTED: noAnswer,
  EPIPE: noAnswer,
  ETIMEDOUT: noAnswer,
  ESOCKETTIMEDOUT: noAnswer,
  ENETDOWN: noAnswer,
  ENETUNREACH: noAnswer,
  EHOSTDOWN: noAnswer,
  EHOSTUNREACH: noAnswer,
  EAI_AGAIN: noAnswer,
  // Without a network many systems say that no such name exists, so it is worth another try.
  ENOTFOUND: noAnswer,
  ERR_NETWORK: noAnswer,
  ERR_CANCELED: noAnswer,
  ERR_STREAM_PREMATURE_CLOSE: noAnswer,
  UND_ERR_ABORTED: noAnswer,
  UND_ERR_CONNECT_TIMEOUT: noAnswer,
  UND_ERR_HEADERS_TIMEOUT: noAnswer,
  UND_ERR_BODY_TIMEOUT: noAnswer,
  UND_ERR_SOCKET: noAnswer,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: noAnswer,
  EMFILE: tooManyOpen,
  ENFILE: tooManyOpen,
  EBUSY: locked,
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  ERR_INVALID_URL: { code: "JOB_FAILED", errorClass: "configuration", hint: "correct the address" },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  HOSTNAME_MISMATCH: untrusted,
  INVALID_CA: untrusted,
};

function classifyPrefix(code: string): Classification | undefined {
  // Extended codes of SQLite say more behind the same beginning.
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(code)) return locked;
  if (code.startsWith("SQLITE_FULL")) return diskFull;
  if (/^(?:ERR_TLS_CERT_|CERT_|CRL_)/.test(code)) return untrusted;
  return undefined;
}

// Other codes have five characters, too (`EPERM`), so the error must look like one of a database.
function isSqlState(code: string, error: object): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && (/^\d/.test(code) || "severity" in error);
}

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
function classifySqlState(code: string): Classification | undefined {
  if (code === "55P03" || code === "55006" || code.startsWith("40")) return locked;
  if (code === "42501") return denied;
  if (code === "53100") return diskFull;
  if (code.startsWith("08") || code.startsWith("53") || code.startsWith("57P0")) {
    return transient("service_unavailable", "SERVICE_UNAVAILABLE");
  }
  // A statement that ran into its time limit; one that a person cancelled has the same code.
  if (code === "57014") return transient("network_timeout");
  if (code.startsWith("28")) return loginFailed;
  if (code.startsWith("22")) return { code: "JOB_FAILED", errorClass: "format_change" };
  if (code.startsWith("23")) return { code: "JOB_FAILED", errorClass: "unknown" };
  if (code.startsWith("3D") || code.startsWith("3F") || code.startsWith("42")) {
    return { code: "JOB_FAILED", errorClass: "configuration" };
  }
  return undefined;
}

function transient(
  errorClass: ErrorClass,
  code: "JOB_FAILED_TRANSIENT" | "SERVICE_UNAVAILABLE" = "JOB_FAILED_TRANSIENT",
): Classification {
  return { code, errorClass };
}
