// The one boundary where errors of user code and of libraries become MillraceErrors.
import { type Classification, classifyCode } from "./classify-code.ts";
import { MillraceError } from "./errors.ts";
import { type HttpFailure, readHttpFailure } from "./http-error.ts";

/**
 * A MillraceError for anything that was thrown. Network trouble, locks, pauses that a service asks for and full disks are
 * transient; what is not known is permanent, because blind repetition of a bug helps nobody.
 * @param nowMs for answers that say at which time to come back and not what time it is there; default: those are not read
 */
export function classifyError(thrown: unknown, nowMs?: number): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  if (!(thrown instanceof Error)) return toNonError(thrown);
  // A client wraps what went wrong, so the causes are asked, too; the outermost one that says something decides.
  for (const error of withCauses(thrown)) {
    const http = readHttpFailure(error, nowMs);
    if (http !== undefined) return toHttpError(thrown, http);
    const found = classifyCode(error) ?? classifyName(error);
    if (found !== undefined) return toError(thrown, found, codeDetail(error));
  }
  return new MillraceError("JOB_FAILED", thrown.message === "" ? thrown.name : thrown.message, {
    cause: thrown,
    details: { name: thrown.name, ...(thrown.stack === undefined ? {} : { stack: thrown.stack }) },
  });
}

function toNonError(thrown: unknown): MillraceError {
  return new MillraceError(
    "JOB_THREW_NON_ERROR",
    `job threw a value that is not an error, got: \`${describeValue(thrown)}\``,
    {
      hint: "throw an Error, so that its message and stack are kept",
      details: { type: typeof thrown },
    },
  );
}

function toError(thrown: Error, found: Classification, details: Readonly<Record<string, unknown>>): MillraceError {
  const { code, errorClass, hint } = found;
  const options = { errorClass, details, ...(hint === undefined ? {} : { hint }) };
  // What a parser found quotes the data, which does not belong into messages.
  if (code === "FORMAT_INVALID") {
    return new MillraceError(code, `data is not in the form that the job reads${firstIssue(thrown)}`, {
      ...options,
      details: { name: thrown.name, ...stackFrames(thrown) },
    });
  }
  const prefix = code === "DISK_FULL" ? "no space left on the device: " : "";
  return new MillraceError(code, `${prefix}${thrown.message === "" ? thrown.name : thrown.message}`, {
    ...options,
    cause: thrown,
  });
}

function toHttpError(thrown: Error, { status, retryAfterMs, isQuotaUsedUp }: HttpFailure): MillraceError {
  const { code, errorClass, hint } = classifyStatus(status, isQuotaUsedUp || retryAfterMs !== undefined);
  return new MillraceError(code, thrown.message === "" ? `HTTP status ${status}` : thrown.message, {
    errorClass,
    cause: thrown,
    details: { status },
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

// Some services say 403 where they mean 429; what tells them apart is that they say when to come back.
function classifyStatus(status: number, isAskingToWait: boolean): Classification {
  if (status === 429 || (status === 403 && isAskingToWait)) return { code: "RATE_LIMITED", errorClass: "rate_limit" };
  switch (status) {
    case 401:
    case 407:
      return {
        code: "AUTHENTICATION_FAILED",
        errorClass: "authentication",
        hint: "renew the credentials of the connection, then run again",
      };
    case 403:
      return {
        code: "PERMISSION_DENIED",
        errorClass: "permission",
        hint: "give the account of the connection the right that is missing, then run again",
      };
    case 408:
      return { code: "SERVICE_UNAVAILABLE", errorClass: "network_timeout" };
    case 425:
    case 500:
    case 502:
    case 503:
    case 504:
      return { code: "SERVICE_UNAVAILABLE", errorClass: "service_unavailable" };
    case 404:
    case 405:
    case 410:
    case 501:
      return {
        code: "REQUEST_REJECTED",
        errorClass: "configuration",
        hint: "compare the address and the method with the service's documentation",
      };
    default:
      // 520 and beyond are what proxies say when the service behind them does not answer well.
      return status >= 520
        ? { code: "SERVICE_UNAVAILABLE", errorClass: "service_unavailable" }
        : {
            code: "REQUEST_REJECTED",
            errorClass: "unknown",
            hint: "compare the request with the service's documentation",
          };
  }
}

// `AbortError` of a run that is stopped never comes here: the reason of the abort stands for it.
function classifyName({ name, message }: Error): Classification | undefined {
  switch (name) {
    case "TimeoutError":
    case "AbortError":
      return { code: "JOB_FAILED_TRANSIENT", errorClass: "network_timeout" };
    case "SyntaxError":
      return /\bJSON\b/.test(message) ? formatInvalid : undefined;
    case "ZodError":
    case "$ZodError":
      return formatInvalid;
    default:
      return undefined;
  }
}

const formatInvalid: Classification = {
  code: "FORMAT_INVALID",
  errorClass: "format_change",
  hint: "compare what the source sends now with what the job reads",
};

// The place that a schema complains about, which is no data.
function firstIssue(error: object): string {
  const issues: unknown = "issues" in error ? error.issues : undefined;
  const issue: unknown = Array.isArray(issues) ? issues[0] : undefined;
  if (typeof issue !== "object" || issue === null || !("path" in issue) || !Array.isArray(issue.path)) return "";
  return issue.path.length === 0 ? "" : `, at: \`${issue.path.join(".").slice(0, 200)}\``;
}

function codeDetail(error: Error): Readonly<Record<string, unknown>> {
  return "code" in error && typeof error.code === "string" ? { code: error.code } : { name: error.name };
}

function stackFrames({ stack }: Error): Readonly<Record<string, unknown>> {
  const frames = (stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return frames.length === 0 ? {} : { stack: frames.join("\n") };
}

// `fetch` hides the system error in `cause`; attempts at several addresses come together in one error.
function withCauses(error: Error): Error[] {
  const chain: Error[] = [];
  let current: unknown = error;
  while (current instanceof Error && chain.length < 5 && !chain.includes(current)) {
    chain.push(current);
    current = current.cause ?? (current instanceof AggregateError ? (current.errors[0] as unknown) : undefined);
  }
  return chain;
}

function describeValue(value: unknown): string {
  const text =
    typeof value === "object" && value !== null
      ? `an object of ${value.constructor?.name ?? "no class"}`
      : String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
