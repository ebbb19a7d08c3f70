// One HTTP exchange: request out, redirects followed where they may lead, body decoded, counted and limited. Never `fetch`,
// which takes half of a compressed body for a whole one, and never without an agent of our own.
import { pipeline, type Readable } from "node:stream";
import { request as exchange } from "undici";
import type { ExchangeObserver } from "../../core/connection/exchange.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { BodyReader } from "./body-reader.ts";
import { acceptedEncodings, createDecoders, Meter } from "./content-decoders.ts";
import { encodeBody, type EncodedBody } from "./encode-body.ts";
import { type ExchangeDeadline, startDeadline } from "./exchange-deadline.ts";
import type { HttpAgent } from "./http-agent.ts";
import type { HttpRequest } from "./http-request.ts";
import type { HttpResponse } from "./http-response.ts";
import { maskAddress } from "./mask-address.ts";
import { exchangeByNode, type RawAnswer } from "./node-exchange.ts";
import { observeExchange } from "./observe-exchange.ts";
import { followRedirect, type Hop, maxRedirects, tooManyRedirects } from "./redirect.ts";
import { toAddress } from "./to-address.ts";
import { toTransportError } from "./transport-error.ts";

export interface SendOptions {
  readonly agent: HttpAgent;
  readonly signal?: AbortSignal | undefined;
  /** Told of the exchange when it is over, redirects included. */
  readonly observer?: ExchangeObserver | undefined;
}

const defaultTotalMs = 3_600_000;
const defaultPauseMs = 60_000;

/**
 * Sends a request once and gives back the answer, whatever its status, as soon as its headers are there. Nothing is sent twice:
 * what to repeat is for the caller to decide.
 * @throws MillraceError `CONNECTION_FAILED`, `TLS_FAILED`, `CERTIFICATE_INVALID`, `REDIRECT_REFUSED`, `RESPONSE_TOO_LARGE`,
 * `FORMAT_INVALID`, `VALUE_INVALID`; the body fails with `RESPONSE_TRUNCATED`, `RESPONSE_TOO_LARGE` or `FORMAT_INVALID`.
 * The reason of the signal when that aborts.
 */
export async function sendRequest(request: HttpRequest, options: SendOptions): Promise<HttpResponse> {
  const { tape } = options.agent;
  const send = (): Promise<HttpResponse> => sendLive(request, options);
  return await observeExchange(request, options.observer, () =>
    tape === undefined ? send() : tape.send(request, send),
  );
}

async function sendLive(request: HttpRequest, { agent, signal }: SendOptions): Promise<HttpResponse> {
  const body = request.body === undefined ? undefined : encodeBody(request.body);
  let hop = firstHop(request, body);
  const deadline = startDeadline(request.timeouts?.totalMs ?? defaultTotalMs, describe(hop, request), signal);
  let answer: RawAnswer | undefined;
  try {
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      answer = await exchangeOnce(hop, body, request, agent, deadline);
      const location = joinValues(answer.headers["location"]);
      const next = followRedirect(hop, answer.statusCode, location, request);
      if (next === undefined) return toResponse(answer, hop, request, deadline);
      await dump(answer.body);
      hop = next;
    }
    throw tooManyRedirects(hop, request);
  } catch (error) {
    answer?.body.on("error", ignore).destroy();
    deadline.clear();
    deadline.signal.throwIfAborted();
    throw toTransportError(error, describe(hop, request), "headers");
  }
}

function firstHop(request: HttpRequest, body: EncodedBody | undefined): Hop {
  const { method, headers = {}, isStored = false } = request;
  const url = toAddress(request);
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method,
    url,
    hasBody: body !== undefined,
    headers: {
      accept: "*/*",
      "accept-encoding": isStored ? "identity" : acceptedEncodings,
      "user-agent": "millrace",
      ...(body?.contentType === undefined ? {} : { "content-type": body.contentType }),
      ...(body?.length === undefined ? {} : { "content-length": String(body.length) }),
      ...(Object.fromEntries(lowerCase) as Record<string, string>),
    },
  };
}

async function exchangeOnce(
  hop: Hop,
  body: EncodedBody | undefined,
  { timeouts = {}, waitsForContinue = false }: HttpRequest,
  agent: HttpAgent,
  { signal }: ExchangeDeadline,
): Promise<RawAnswer> {
  signal.throwIfAborted();
  if (waitsForContinue && hop.hasBody) {
    if (agent.isProxied) throw throughNoProxy(hop);
    const { url, method, headers } = hop;
    const idleMs = timeouts.idleMs ?? defaultPauseMs;
    return await exchangeByNode({ url, method, headers, body: toPayload(body) ?? "", signal, idleMs });
  }
  return await exchange(hop.url, {
    dispatcher: agent.dispatcherFor(hop.url),
    signal,
    method: hop.method,
    headers: hop.headers,
    body: hop.hasBody ? (toPayload(body) ?? null) : null,
    headersTimeout: timeouts.headersMs ?? defaultPauseMs,
    bodyTimeout: timeouts.idleMs ?? defaultPauseMs,
  });
}

function toResponse(answer: RawAnswer, hop: Hop, request: HttpRequest, deadline: ExchangeDeadline): HttpResponse {
  const headers = toHeaders(answer.headers);
  const headersMs = deadline.elapsedMs();
  const framing = readFraming(hop.method, answer.statusCode, headers);
  const reader = readBody(answer, framing, describe(hop, request), request, deadline);
  let durationMs: number | undefined;
  const received = new Promise<void>((resolve) => {
    answer.body.once("close", () => {
      durationMs = deadline.elapsedMs();
      deadline.clear();
      resolve();
    });
  });
  return {
    status: answer.statusCode,
    headers,
    url: hop.url.href,
    address: maskAddress(hop.url, request.secretParameters),
    body: reader,
    isEndKnown: framing.isEndKnown,
    received,
    traffic: () => ({
      receivedBytes: reader.receivedBytes,
      bodyBytes: reader.bodyBytes,
      headersMs,
      durationMs: durationMs ?? deadline.elapsedMs(),
    }),
  };
}

function readBody(
  { body }: RawAnswer,
  { contentLength, contentEncoding, isEmpty }: Framing,
  exchangeText: string,
  { limits, isStored = false }: HttpRequest,
  deadline: ExchangeDeadline,
): BodyReader {
  const decoders = isEmpty || isStored ? [] : createDecoders(contentEncoding, exchangeText);
  const meter = decoders.length === 0 ? undefined : new Meter();
  const reader = new BodyReader({
    limits,
    contentLength,
    exchange: exchangeText,
    receivedBytes: meter === undefined ? undefined : () => meter.bytes,
    stopReason: () => (deadline.signal.aborted ? deadline.signal.reason : undefined),
    onEnd: () => deadline.clear(),
  });
  // Whoever reads gets the error; whoever only looked at the status does not have to.
  reader.on("error", ignore);
  pipeline([body, ...(meter === undefined ? [] : [meter]), ...decoders, reader], ignore);
  if (isEmpty) reader.resume();
  return reader;
}

interface Framing {
  /** What has to come; `undefined` when nothing says so. */
  readonly contentLength: number | undefined;
  readonly contentEncoding: string | undefined;
  /** No byte will come. */
  readonly isEmpty: boolean;
  readonly isEndKnown: boolean;
}

function readFraming(method: string, status: number, headers: HttpResponse["headers"]): Framing {
  const contentEncoding = headers["content-encoding"];
  const length = headers["content-length"];
  const isBodyless = method === "HEAD" || status === 204 || status === 304;
  const contentLength = isBodyless || length === undefined || !/^\d+$/.test(length) ? undefined : Number(length);
  const isEncoded = contentEncoding !== undefined && contentEncoding.toLowerCase() !== "identity";
  const isChunked = headers["transfer-encoding"] !== undefined;
  return {
    contentLength,
    contentEncoding,
    isEmpty: isBodyless || contentLength === 0,
    isEndKnown: isBodyless || contentLength !== undefined || isChunked || isEncoded,
  };
}

function toHeaders(raw: RawAnswer["headers"]): HttpResponse["headers"] {
  return Object.fromEntries(
    Object.entries(raw).flatMap(([name, value]) => (value === undefined ? [] : [[name, joinValues(value) ?? ""]])),
  );
}

function joinValues(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}

// undici sends bytes of any view as they are, and takes a `Buffer` only where types are concerned.
function toPayload(body: EncodedBody | undefined): string | Buffer | Readable | undefined {
  const content = body?.open();
  return content instanceof Uint8Array && !Buffer.isBuffer(content) ? Buffer.from(content) : content;
}

function describe({ method, url }: Hop, { secretParameters }: HttpRequest): string {
  return `${method} ${maskAddress(url, secretParameters)}`;
}

function throughNoProxy({ url }: Hop): MillraceError {
  return new MillraceError("CONFIG_INVALID", `\`${url.origin}\` gets no bodies through a proxy`, {
    hint: "take `proxy` out of the connection",
  });
}

/** The body of a redirect, of which nobody wants to know. */
async function dump(body: Readable & { dump?: (options: { limit: number }) => Promise<void> }): Promise<void> {
  if (body.dump === undefined) body.resume();
  else await body.dump({ limit: 65_536 });
}

function ignore(): void {}
