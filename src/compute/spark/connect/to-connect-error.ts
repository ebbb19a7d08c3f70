// Turns a failed call into the error that a run records: the server's own words, without what may be a value of a row.
import type { ErrorCode } from "../../../core/errors/error-codes.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { type ConnectFailure, grpcStatus, isTransient, isUntrusted } from "./connect-failure.ts";
import type { RemoteError } from "./connect-responses.ts";

/** @param chain what the server told of the failure's causes, the failure itself first @param operationId of the work that failed */
export function toConnectError(
  failure: ConnectFailure,
  chain: readonly RemoteError[] = [],
  operationId?: string,
): MillraceError {
  const code = codeOf(failure);
  const sqlState = failure.sqlState ?? chain[0]?.sqlState;
  const text = chain[0]?.message ?? failure.message;
  const hint = hints[code];
  return new MillraceError(code, `spark: ${describe(text, sqlState)}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
    details: {
      ...(failure.errorClass === undefined ? {} : { sparkClass: failure.errorClass }),
      ...(sqlState === undefined ? {} : { sqlState }),
      ...(operationId === undefined ? {} : { operationId }),
    },
    cause: toCauses(chain.slice(1), failure),
  });
}

const hints: Partial<Record<ErrorCode, string>> = {
  SESSION_LOST:
    "what the session held, such as its views, is gone: run it again, and look why Spark started anew or closed it",
  OPERATION_LOST: "look at what was published before anything is run again: the statement may have been done",
  OPERATION_INTERRUPTED: "somebody else stopped it, or a limit of Spark did; its log says who",
  SERVICE_UNAVAILABLE: "look whether Spark runs and whether the address is that of Spark Connect",
  AUTHENTICATION_FAILED: "renew the token of the address",
  CERTIFICATE_INVALID: "correct the host name, or have Node.js trust the authority with NODE_EXTRA_CA_CERTS",
  RESPONSE_TOO_LARGE: "write the rows to the lake instead of reading them, or raise `grpc_max_message_size`",
  CAPABILITY_MISSING: "use a newer Spark",
};

/** What becomes of an operation that begins while its session is closed. */
const orphaned = "SPARK_CONNECT_ILLEGAL_STATE.EXECUTION_STATE_OPERATION_ORPHANED";

function codeOf(failure: ConnectFailure): ErrorCode {
  if (failure.isOf("INVALID_HANDLE.OPERATION_NOT_FOUND", "INVALID_HANDLE.OPERATION_ABANDONED", "INVALID_CURSOR")) {
    return "OPERATION_LOST";
  }
  if (failure.isOf("INVALID_HANDLE.OPERATION_ALREADY_EXISTS", "INVALID_HANDLE.FORMAT")) return "INTERNAL";
  if (failure.isOf("INVALID_HANDLE", orphaned)) return "SESSION_LOST";
  if (failure.isOf("OPERATION_CANCELED")) return "OPERATION_INTERRUPTED";
  if (failure.status === grpcStatus.unauthenticated) return "AUTHENTICATION_FAILED";
  if (failure.status === grpcStatus.permissionDenied) return "PERMISSION_DENIED";
  if (failure.status === grpcStatus.unimplemented) return "CAPABILITY_MISSING";
  if (failure.status === grpcStatus.resourceExhausted) return "RESPONSE_TOO_LARGE";
  if (isUntrusted(failure)) return "CERTIFICATE_INVALID";
  if (isTransient(failure)) return "SERVICE_UNAVAILABLE";
  // syntax errors and rule violations, and features that are not there
  return /^(?:42|0A)/.test(failure.sqlState ?? "") ? "SQL_INVALID" : "SQL_FAILED";
}

/** The first line in the voice of the house, with the place in the SQL where the server tells one. */
function describe(text: string, sqlState: string | undefined): string {
  const place = /== SQL(?: of [^=]+)? \(line (\d+), position (\d+)\) ==/.exec(text);
  const [line = ""] = text.trim().split("\n", 1);
  const told = withoutValues(line.replace(/ ?SQLSTATE: \w{5}$/, ""), sqlState).slice(0, 400);
  const voiced = told.replace(/[.\s]+$/, "").replaceAll(/"([^"]*)"/g, "`$1`");
  return place === null ? voiced : `${voiced} (line ${place[1]}, column ${place[2]})`;
}

/** Analysis quotes the statement; what fails while it reads rows quotes those. */
function withoutValues(text: string, sqlState: string | undefined): string {
  if (/^(?:42|0A|08|HY)/.test(sqlState ?? "")) return text;
  return text.replaceAll(/'[^']*'/g, "'…'").replaceAll(/(For input string: )"[^"]*"/g, '$1"…"');
}

/** Errors within each other, so that a run's record has a message of each; the last one is the call's. */
function toCauses(chain: readonly RemoteError[], failure: ConnectFailure): Error {
  return chain.reduceRight<Error>(
    (cause, { types: [type = "error"], message, sqlState }) => {
      return new Error(`${type.slice(type.lastIndexOf(".") + 1)}: ${describe(message, sqlState)}`, { cause });
    },
    new Error(describe(failure.message, failure.sqlState)),
  );
}
