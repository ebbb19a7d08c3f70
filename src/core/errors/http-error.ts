// Reads what an HTTP client's error says about the answer it got. Clients differ in where they keep status and headers;
// nothing here depends on one of them.

import { type RateLimitReading, readRateLimit } from "./rate-limit-headers.ts";

/** An answer that was a failure. */
export interface HttpFailure extends RateLimitReading {
  /** 400 to 599. */
  readonly status: number;
}

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
  return { status, ...readRateLimit(header, nowMs) };
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
