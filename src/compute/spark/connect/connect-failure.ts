// What a call of Spark Connect fails with, read from the status and its trailers, and whether trying again can help.
// @see https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
import { MessageFields } from "./message-fields.ts";

/** Statuses of gRPC that mean something here. */
export const grpcStatus = {
  cancelled: 1,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export interface FailureFacts {
  readonly status: number;
  readonly message: string;
  /** Spark's name of what went wrong, such as `INVALID_HANDLE.OPERATION_NOT_FOUND`. */
  readonly errorClass?: string;
  readonly sqlState?: string;
  /** Under which the server keeps the whole chain, for one asking. */
  readonly errorId?: string;
  /** The pause that the server asks for. */
  readonly retryAfterMs?: number;
}

/** A failed call, before it is known what it means for the work. */
export class ConnectFailure extends Error {
  override readonly name = "ConnectFailure";
  readonly status: number;
  readonly errorClass: string | undefined;
  readonly sqlState: string | undefined;
  readonly errorId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(facts: FailureFacts, cause?: unknown) {
    super(facts.message, cause === undefined ? undefined : { cause });
    this.status = facts.status;
    this.errorClass = facts.errorClass;
    this.sqlState = facts.sqlState;
    this.errorId = facts.errorId;
    this.retryAfterMs = facts.retryAfterMs;
  }

  /** Whether the class is one of these or below one. */
  isOf(...classes: readonly string[]): boolean {
    return classes.some((name) => this.errorClass === name || this.errorClass?.startsWith(`${name}.`) === true);
  }
}

/** What the library throws, with what the server has put beside it. */
export function toConnectFailure(error: unknown): ConnectFailure {
  if (error instanceof ConnectFailure) return error;
  if (!isServiceError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return new ConnectFailure({ status: grpcStatus.internal, message }, error);
  }
  const message = error.details ?? "";
  const status = error.metadata?.get("grpc-status-details-bin").at(0);
  const details = status instanceof Uint8Array ? readDetails(status) : {};
  const errorClass = details.errorClass ?? /^\[([A-Z][A-Z\d_.]+)\]/.exec(message)?.[1];
  return new ConnectFailure(
    { ...details, status: error.code, message, ...(errorClass === undefined ? {} : { errorClass }) },
    error,
  );
}

/** Whether the same question may be asked again: nothing was refused, the answer got lost on its way. */
export function isTransient(failure: ConnectFailure): boolean {
  const { status, message } = failure;
  if (failure.retryAfterMs !== undefined) return true;
  if (isUntrusted(failure)) return false;
  // a cancel that this side asked for does not come here: somebody between reset the stream
  if (status === grpcStatus.unavailable || status === grpcStatus.cancelled || status === grpcStatus.deadlineExceeded) {
    return true;
  }
  // what a proxy resets is called INTERNAL
  return (
    status === grpcStatus.internal && (failure.isOf("INVALID_CURSOR.DISCONNECTED") || message.includes("RST_STREAM"))
  );
}

/** Whether the server knows nothing of an operation: if it has never answered for it, the request did not arrive. */
export function isUnknownOperation(failure: ConnectFailure): boolean {
  return failure.isOf("INVALID_HANDLE.OPERATION_NOT_FOUND", "INVALID_HANDLE.SESSION_NOT_FOUND");
}

/** Whether TLS refused the certificate, which the library calls a server that is not there. */
export function isUntrusted({ status, message }: ConnectFailure): boolean {
  return status === grpcStatus.unavailable && /certificate|CERT_|altnames/i.test(message);
}

interface ServiceFailure {
  readonly code: number;
  readonly details?: string;
  readonly metadata?: { get(key: string): (string | Uint8Array)[] };
}

function isServiceError(error: unknown): error is ServiceFailure {
  return error instanceof Error && "code" in error && typeof error.code === "number";
}

type Details = Pick<FailureFacts, "errorClass" | "sqlState" | "errorId" | "retryAfterMs">;

/** A `google.rpc.Status`, whose details are messages with the URLs of their types. */
function readDetails(bytes: Uint8Array): Details {
  const details: { -readonly [Key in keyof Details]: Details[Key] } = {};
  for (const detail of new MessageFields(bytes).messages(3)) {
    const type = detail.text(1) ?? "";
    const value = new MessageFields(detail.bytes(2) ?? new Uint8Array());
    if (type.endsWith("/google.rpc.ErrorInfo")) Object.assign(details, readErrorInfo(value.textMap(3)));
    if (type.endsWith("/google.rpc.RetryInfo")) {
      const delay = value.message(1);
      details.retryAfterMs = (delay?.whole(1) ?? 0) * 1000 + (delay?.whole(2) ?? 0) / 1_000_000;
    }
  }
  return details;
}

function readErrorInfo({ errorClass, sqlState, errorId }: Readonly<Record<string, string>>): Details {
  return {
    ...(errorClass === undefined ? {} : { errorClass }),
    ...(sqlState === undefined ? {} : { sqlState }),
    ...(errorId === undefined ? {} : { errorId }),
  };
}
