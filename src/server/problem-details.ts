// From what went wrong to what the client is told: a status, a code and one line, never a stack, a path of this machine or a
// cause. What is not known to be meant for clients is answered with 500 and the id of the request alone.
import type { Problem } from "../api/problem.ts";
import type { ErrorCode } from "../core/errors/error-codes.ts";
import { MillraceError } from "../core/errors/errors.ts";

/** Codes that clients are told of, with their status. All others are 500. */
export const statusByCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  REQUEST_INVALID: 400,
  PARAMS_INVALID: 400,
  VALUE_INVALID: 400,
  RECORD_INVALID: 400,
  RECORD_TOO_LARGE: 400,
  OFFSET_OUT_OF_RANGE: 400,
  REPLAY_UNSUPPORTED: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RUN_UNKNOWN: 404,
  JOB_UNKNOWN: 404,
  DATASET_UNKNOWN: 404,
  QUARANTINE_UNKNOWN: 404,
  THING_UNKNOWN: 404,
  TOPIC_UNKNOWN: 404,
  GROUP_UNKNOWN: 404,
  BATCH_UNKNOWN: 404,
  REPLAY_UNKNOWN: 404,
  CONNECTION_UNKNOWN: 404,
  ROUTE_UNKNOWN: 404,
  TRANSITION_INVALID: 409,
  VERSION_CONFLICT: 409,
  DATASET_RESET: 409,
  CONNECTION_TAKEN: 409,
  TOPIC_CHANGED: 409,
  TOPIC_MISMATCH: 409,
  GROUP_ACTIVE: 409,
  BATCH_CLOSED: 409,
  REPLAY_EXISTS: 409,
  REPLAY_CLOSED: 409,
  SELECTION_UNKNOWN: 409,
  SELECTION_TOO_LARGE: 422,
  TOO_MANY_REQUESTS: 429,
  STORE_UNAVAILABLE: 503,
  LOG_UNAVAILABLE: 503,
};

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Unauthenticated",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  408: "Request timeout",
  409: "Conflict",
  413: "Content too large",
  414: "URI too long",
  415: "Unsupported media type",
  421: "Misdirected request",
  422: "Unprocessable content",
  429: "Too many requests",
  431: "Request header fields too large",
  500: "Internal server error",
  503: "Service unavailable",
};

export const problemType = "application/problem+json; charset=utf-8";

/** A problem as a handler or a hook states it, when the status of its code is not enough. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly status: number;
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(status: number, code: ErrorCode, message: string, hint?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** Never throws, whatever was thrown. */
export function toProblem(error: unknown, requestId: string): Problem {
  if (error instanceof HttpProblem) {
    return problem(error.status, error.code, error.message, requestId, { hint: error.hint });
  }
  if (error instanceof MillraceError) {
    const status = statusByCode[error.code];
    if (status === undefined) return unexpected(requestId);
    return problem(status, error.code, error.message, requestId, {
      hint: error.hint,
      allowed: status === 409 ? textsOf(error.details?.["allowed"]) : undefined,
      issues: status === 400 ? issuesOf(error.details?.["issues"]) : undefined,
    });
  }
  const refusal = refusalOfFramework(error);
  return refusal === undefined
    ? unexpected(requestId)
    : problem(refusal.status, "REQUEST_INVALID", refusal.detail, requestId);
}

/** Seconds for the `Retry-After` header; undefined when there is nothing to wait for. */
export function retryAfterSeconds(error: unknown): number | undefined {
  const retryAfterMs = error instanceof MillraceError ? error.retryAfterMs : undefined;
  return retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(retryAfterMs / 1_000));
}

interface ProblemParts {
  readonly hint?: string | undefined;
  readonly allowed?: readonly string[] | undefined;
  readonly issues?: Problem["issues"] | undefined;
}

function problem(
  status: number,
  code: ErrorCode,
  detail: string,
  requestId: string,
  { hint, allowed, issues }: ProblemParts = {},
): Problem {
  return {
    type: `https://millrace.dev/errors#${code}`,
    code,
    status,
    title: titles[status] ?? "Request refused",
    detail: shorten(detail),
    ...(hint === undefined ? {} : { hint: shorten(hint) }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(issues === undefined ? {} : { issues }),
    request_id: requestId,
  };
}

function unexpected(requestId: string): Problem {
  return problem(500, "INTERNAL", "something went wrong in the server", requestId, {
    hint: `the server's log says more under the request id ${requestId}`,
  });
}

// Fastify and its plugins refuse some requests before a handler is called; these errors carry a status below 500.
function refusalOfFramework(error: unknown): { readonly status: number; readonly detail: string } | undefined {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return undefined;
  const status = error.statusCode;
  if (status < 400 || status > 499) return undefined;
  const code = "code" in error ? String(error.code) : "";
  return { status, detail: frameworkDetails[code] ?? `the request was refused with status ${status}` };
}

const frameworkDetails: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "the body is too large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "expected the content type `application/json`",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "the body has not the length that its header says",
  FST_ERR_CTP_EMPTY_JSON_BODY: "expected a JSON object as the body",
  FST_ERR_BAD_URL: "the path is not a well-formed URL path",
  FST_ERR_MAX_PARAM_LENGTH: "a part of the path is too long",
};

/** Names and values of callers may be in it, and they may be long. */
function shorten(text: string): string {
  const wellFormed = text.toWellFormed();
  return wellFormed.length <= maxDetailLength ? wellFormed : `${wellFormed.slice(0, maxDetailLength)}…`.toWellFormed();
}

const maxDetailLength = 600;

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
}

function issuesOf(value: unknown): Problem["issues"] {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, maxIssues).flatMap((issue: unknown) => {
    const { path, message } = Object(issue) as { readonly path?: unknown; readonly message?: unknown };
    const place = Array.isArray(path) ? path.map(String).join(".") : path;
    return typeof place === "string" && typeof message === "string"
      ? [{ path: shorten(place), message: shorten(message) }]
      : [];
  });
}

const maxIssues = 20;
