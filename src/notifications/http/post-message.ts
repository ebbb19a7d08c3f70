// One POST to a peer, with what its answer means.
import { text } from "node:stream/consumers";
import { MillraceError } from "../../core/errors/errors.ts";
import { sendRequest } from "../../connections/http/send-request.ts";
import { toStatusError } from "../../connections/http/status-error.ts";
import type { ChannelServices } from "../channel.ts";
import { clipText, toLine } from "../text/clip.ts";

export interface PostRequest {
  readonly url: string;
  readonly body: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the peer says in a few words of its body why it refused, which holds nothing of the request. */
  readonly saysWhy: boolean;
}

const timeouts = { headersMs: 20_000, idleMs: 10_000, totalMs: 25_000 };
const maxBytes = 65_536;
const maxReason = 300;

/**
 * Resolves with the body of an answer below 300.
 * @throws MillraceError `RATE_LIMITED`, `SERVICE_UNAVAILABLE`, `REQUEST_REJECTED` and what sending throws; it has the body of the answer as
 * `details.answer` where the peer says why
 */
export async function postMessage(
  { url, body, contentType, headers = {}, saysWhy }: PostRequest,
  { agent, now }: Pick<ChannelServices, "agent" | "now">,
  signal: AbortSignal,
): Promise<string> {
  const response = await sendRequest(
    { method: "POST", url, headers, body: { raw: body, contentType }, timeouts, limits: { maxBytes } },
    { agent, signal },
  );
  const answer = await text(response.body);
  if (response.status < 300) return answer;
  if (response.status < 400) throw redirected(response.status);
  const error = toStatusError("POST", response, now());
  if (!saysWhy) throw error;
  const reason = clipText(toLine(answer), maxReason);
  throw new MillraceError(error.code, reason === "" ? error.message : `${error.message}: ${reason}`, {
    errorClass: error.errorClass,
    details: { ...error.details, answer },
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}

function redirected(status: number): MillraceError {
  return new MillraceError("REDIRECT_REFUSED", `the peer answered with status ${status} and took no message`, {
    hint: "give the channel the address that it leads to",
  });
}
