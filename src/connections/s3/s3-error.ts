// Failures that S3 tells, as MillraceErrors. The code in the answer says more than the status.
import { text } from "node:stream/consumers";
import { MillraceError, type MillraceErrorOptions } from "../../core/errors/errors.ts";
import type { ErrorCode } from "../../core/errors/error-codes.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { toStatusError } from "../http/status-error.ts";
import { parseXml, textOf } from "./s3-xml.ts";

/** What an answer with a status of 300 and above means. Its body is read. */
export async function toS3Error(method: string, response: HttpResponse, nowMs: number): Promise<MillraceError> {
  const body = await text(response.body).catch(() => "");
  const code = errorCodeIn(body);
  // a redirect without an address is the refusal of another region
  const plain = toStatusError(method, { ...response, status: Math.max(400, response.status) }, nowMs);
  const region = response.headers["x-amz-bucket-region"];
  const known = code === undefined ? undefined : meanings[code];
  const { hint, ...meaning } = known ?? {};
  const told = region !== undefined && wrongRegion.has(code ?? "") ? `set \`region\` to \`${region}\`` : hint;
  const message = `${method} ${response.address}: HTTP status ${response.status}`;
  return new MillraceError(meaning.code ?? plain.code, code === undefined ? message : `${message}, ${code}`, {
    details: { ...plain.details, ...(code === undefined ? {} : { s3: code }) },
    ...(plain.hint === undefined ? {} : { hint: plain.hint }),
    ...(plain.retryAfterMs === undefined ? {} : { retryAfterMs: plain.retryAfterMs }),
    ...(meaning.disposition === undefined ? {} : { disposition: meaning.disposition }),
    ...(told === undefined ? {} : { hint: told }),
  });
}

/** The error in a body, also in one whose status says that all went well. */
export function errorCodeIn(body: string): string | undefined {
  if (!body.includes("<Error")) return undefined;
  try {
    const root = parseXml(body, "an error");
    return root.name === "Error" ? textOf(root, "Code")?.slice(0, 100) : undefined;
  } catch {
    return undefined;
  }
}

interface Meaning extends Pick<MillraceErrorOptions, "disposition" | "hint"> {
  readonly code?: ErrorCode;
}

const wrongRegion: ReadonlySet<string> = new Set([
  "PermanentRedirect",
  "TemporaryRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
]);

const regionHint = "compare `endpoint` and `region` of the connection with where the bucket is";
const keysHint = "compare the keys of the connection with those of the service";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const meanings: Readonly<Record<string, Meaning>> = {
  PermanentRedirect: { code: "REQUEST_REJECTED", hint: regionHint },
  TemporaryRedirect: { code: "REQUEST_REJECTED", hint: regionHint },
  AuthorizationHeaderMalformed: { code: "REQUEST_REJECTED", hint: regionHint },
  IllegalLocationConstraintException: { code: "REQUEST_REJECTED", hint: regionHint },
  SignatureDoesNotMatch: { code: "AUTHENTICATION_FAILED", hint: keysHint },
  InvalidAccessKeyId: { code: "AUTHENTICATION_FAILED", hint: keysHint },
  ExpiredToken: { code: "AUTHENTICATION_FAILED", hint: "the session token has ended; get new keys" },
  InvalidToken: { code: "AUTHENTICATION_FAILED", hint: keysHint },
  RequestTimeTooSkewed: { code: "AUTHENTICATION_FAILED", hint: "set the clock of this machine right" },
  AccessDenied: { code: "PERMISSION_DENIED", hint: "give the keys of the connection the right to do this" },
  NoSuchBucket: { code: "SOURCE_MISSING", hint: "compare `bucket` of the connection with the buckets of the service" },
  NoSuchKey: { code: "SOURCE_MISSING" },
  BadDigest: { code: "REQUEST_REJECTED", disposition: "retry", hint: "bytes were changed on their way; try again" },
  XAmzContentSHA256Mismatch: { code: "REQUEST_REJECTED", disposition: "retry" },
  RequestTimeout: { code: "SERVICE_UNAVAILABLE" },
  SlowDown: { code: "SERVICE_UNAVAILABLE" },
  InternalError: { code: "SERVICE_UNAVAILABLE" },
  ServiceUnavailable: { code: "SERVICE_UNAVAILABLE" },
  OperationAborted: { code: "TARGET_CONFLICT" },
  ConditionalRequestConflict: { code: "TARGET_CONFLICT" },
  PreconditionFailed: { code: "TARGET_CONFLICT" },
};
