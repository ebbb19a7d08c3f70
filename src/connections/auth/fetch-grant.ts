// One request for a token. What a service answers when it refuses is reduced to the error code of the standard, since the rest
// of its text may quote what was sent.
import type { ExchangeObserver } from "../../core/connection/exchange.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpAgent } from "../http/http-agent.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { readJson } from "../http/read-json.ts";
import { sendRequest } from "../http/send-request.ts";
import { toStatusError } from "../http/status-error.ts";

const timeouts = { headersMs: 30_000, idleMs: 30_000, totalMs: 60_000 } as const;
const limits = { maxBytes: 1_048_576 } as const;

export interface FetchGrantOptions {
  readonly agent: HttpAgent;
  readonly observer: ExchangeObserver | undefined;
  readonly nowMs: number;
}

/**
 * @returns the JSON of the answer
 * @throws MillraceError `AUTHENTICATION_FAILED` when the service refuses, otherwise what the status or the transport means
 */
export async function fetchGrant(
  request: HttpRequest,
  { agent, observer, nowMs }: FetchGrantOptions,
): Promise<unknown> {
  const response = await sendRequest({ ...request, timeouts, limits }, { agent, observer });
  const { status, address, body } = response;
  if (status < 400) return await readJson(response);
  if (status !== 400 && status !== 401 && status !== 403) {
    body.destroy();
    throw toStatusError(request.method, response, nowMs);
  }
  const why = errorCodeOf(await readJson(response).catch(() => undefined));
  throw new MillraceError("AUTHENTICATION_FAILED", `${request.method} ${address}: HTTP status ${status}${why}`, {
    details: { status },
    hint: "renew the credentials of the connection, then run again",
  });
}

function errorCodeOf(body: unknown): string {
  const code: unknown = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  return typeof code === "string" && /^[a-z_]{1,40}$/.test(code) ? `, \`${code}\`` : "";
}
