// Tells an observer of one exchange when it is over: at the end of the body, or with what it failed with.
import type { Exchange, ExchangeObserver } from "../../core/connection/exchange.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpRequest } from "./http-request.ts";
import type { HttpResponse } from "./http-response.ts";
import { maskAddress } from "./mask-address.ts";
import { toAddress } from "./to-address.ts";

/** What `send` gives, or throws. A body that nobody reads or destroys is never told of. */
export async function observeExchange(
  request: HttpRequest,
  observer: ExchangeObserver | undefined,
  send: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  if (observer === undefined) return await send();
  const address = maskAddress(toAddress(request), request.secretParameters);
  const begun = { method: request.method, startedAtMs: observer.now(), repeat: 0 };
  const startedAtMs = performance.now();
  try {
    const response = await send();
    let failure: Error | undefined;
    // `errored` of a stream has what went wrong before the stream made a better error of it.
    response.body.once("error", (error) => (failure = error));
    response.body.once("close", () => observer.note({ ...begun, ...describeAnswer(response, failure) }));
    return response;
  } catch (error) {
    const durationMs = performance.now() - startedAtMs;
    observer.note({ ...begun, address, error: codeOf(error), durationMs, receivedBytes: 0 });
    throw error;
  }
}

function describeAnswer(
  response: HttpResponse,
  failure: Error | undefined,
): Omit<Exchange, "method" | "startedAtMs" | "repeat"> {
  const { status, address } = response;
  const { receivedBytes, durationMs } = response.traffic();
  return { status, address, receivedBytes, durationMs, ...(failure === undefined ? {} : { error: codeOf(failure) }) };
}

function codeOf(error: unknown): string {
  return error instanceof MillraceError ? error.code : "INTERNAL";
}
