// Reads what an HTTP client's error says about the answer it got. Clients differ in where they keep status and headers;
// nothing here depends on one of them.

/** An answer that was a failure. */
export interface HttpFailure {
  /** 400 to 599. */
  readonly status: number;
  /** How long the other side asks to wait, at most a day. */
  readonly retryAfterMs: number | undefined;
  /** It says that a quota is used up, also where the status says something else. */
  readonly isQuotaUsedUp: boolean;
}

const longestWaitMs = 86_400_000;

/**
 * The failed answer behind an error of fetch wrappers, axios, undici, got, Octokit, the AWS SDK and the like; `undefined`
 * when it has none.
 * @param nowMs used for answers that give a date and have no `Date` header of their own
 */
export function readHttpFailure(error: object, nowMs?: number): HttpFailure | undefined {
  const response = toObject(fieldOf(error, "response"));
  const metadata = toObject(fieldOf(error, "$metadata"));
  const candidates = [
    fieldOf(error, "status"),
    fieldOf(error, "statusCode"),
    fieldOf(response, "status"),
    fieldOf(response, "statusCode"),
    fieldOf(metadata, "httpStatusCode"),
  ];
  const status = candidates.find(isFailureStatus);
  if (status === undefined) return undefined;
  const headers = [fieldOf(response, "headers"), fieldOf(error, "headers")].map(toObject);
  const header = (name: string): string | undefined =>
    headers.map((from) => readHeader(from, name)).find((value) => value !== undefined);
  const isQuotaUsedUp = header("x-ratelimit-remaining") === "0" || header("ratelimit-remaining") === "0";
  return { status, isQuotaUsedUp, retryAfterMs: readWait(header, isQuotaUsedUp, nowMs) };
}

// The other side's own clock is the one its dates are meant on.
function readWait(
  header: (name: string) => string | undefined,
  isQuotaUsedUp: boolean,
  nowMs: number | undefined,
): number | undefined {
  const dateMs = Date.parse(header("date") ?? "");
  const sentAtMs = Number.isNaN(dateMs) ? nowMs : dateMs;
  const retryAfter = toWaitMs(header("retry-after"), sentAtMs);
  if (retryAfter !== undefined || !isQuotaUsedUp) return retryAfter;
  return toResetWaitMs(header("x-ratelimit-reset") ?? header("ratelimit-reset"), sentAtMs);
}

function toWaitMs(value: string | undefined, sentAtMs: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(value)) return clampWait(Number(value) * 1_000);
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) || sentAtMs === undefined ? undefined : clampWait(atMs - sentAtMs);
}

// Some say in how many seconds a quota comes back, others at which second since 1970.
function toResetWaitMs(value: string | undefined, sentAtMs: number | undefined): number | undefined {
  if (value === undefined || !/^\d+$/.test(value)) return undefined;
  const seconds = Number(value);
  if (seconds < 1_000_000_000) return clampWait(seconds * 1_000);
  return sentAtMs === undefined ? undefined : clampWait(seconds * 1_000 - sentAtMs);
}

function clampWait(waitMs: number): number {
  return Math.round(Math.min(Math.max(waitMs, 0), longestWaitMs));
}

function isFailureStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599;
}

function readHeader(headers: object | undefined, name: string): string | undefined {
  if (headers === undefined) return undefined;
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const key = Object.keys(headers).find((candidate) => candidate.toLowerCase() === name);
  const value = key === undefined ? undefined : fieldOf(headers, key);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" || typeof first === "number" ? String(first).trim() : undefined;
}

// Errors come from anywhere: a getter of theirs may throw.
function fieldOf(from: object | undefined, name: string): unknown {
  try {
    return from === undefined ? undefined : Reflect.get(from, name);
  } catch {
    return undefined;
  }
}

function toObject(value: unknown): object | undefined {
  return typeof value === "object" && value !== null ? value : undefined;
}
