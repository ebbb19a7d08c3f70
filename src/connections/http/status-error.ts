// Answers that are failures, as MillraceErrors: the class by status, the wait by headers, and nothing of the body.
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpResponse } from "./http-response.ts";

/**
 * What a status of 400 and above means, as everywhere in Millrace: 429 is `RATE_LIMITED`, 503 `SERVICE_UNAVAILABLE`, and so on.
 * @param method for the message
 */
export function toStatusError(
  method: string,
  { status, headers, address }: Pick<HttpResponse, "status" | "headers" | "address">,
  nowMs: number,
): MillraceError {
  const answer = new Error(`${method} ${address}: HTTP status ${status}`);
  const { code, message, errorClass, hint, retryAfterMs } = classifyError(
    Object.assign(answer, { response: { status, headers } }),
    nowMs,
  );
  return new MillraceError(code, message, {
    errorClass,
    details: { status },
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
