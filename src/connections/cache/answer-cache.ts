// Answers to GET that need not be asked for again: those that are fresh, those that the service confirms with 304, and those that
// stand in while it fails, where that is declared. What counts as fresh follows RFC 9111, by http-cache-semantics.
import { Transform, type TransformCallback, pipeline } from "node:stream";
import type { Clock } from "../../core/clock.ts";
import type { CacheOptions } from "../../core/connection/connection-options.ts";
import { parseDuration } from "../../core/duration.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import type { SecretSeal } from "../auth/seal.ts";
import { fingerprintSettings } from "../auth/fingerprint-settings.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { toAddress } from "../http/to-address.ts";
import { AnswerFiles } from "./answer-files.ts";
import { type CachedAnswer, createPolicy, readPolicy, toResponse } from "./cached-answer.ts";

export interface AnswerCacheOptions {
  readonly name: string;
  readonly options: CacheOptions;
  /** Another text for other settings or secrets: answers to one credential are nobody else's. Holds no secret. */
  readonly fingerprint: string;
  readonly folder: string;
  readonly seal: SecretSeal;
  readonly clock: Pick<Clock, "now">;
}

/** Sends one request, whatever stands in the cache. */
export type Ask<Response extends HttpResponse> = (request: HttpRequest) => Promise<Response>;

const defaultMaxBytes = 64 * 1024 ** 2;
/** A larger answer is not kept. */
const maxAnswerBytes = 8 * 1024 ** 2;

/** The answers of one connection. */
export class AnswerCache {
  readonly #options: AnswerCacheOptions;
  readonly #files: AnswerFiles;
  readonly #ttlMs: number;
  readonly #staleMs: number;
  readonly #maxAnswerBytes: number;

  constructor(options: AnswerCacheOptions) {
    const { ttl = "0s", staleIfError = "0s", maxBytes = defaultMaxBytes } = options.options;
    this.#options = options;
    this.#ttlMs = parseDuration(ttl, "ttl");
    this.#staleMs = parseDuration(staleIfError, "staleIfError");
    this.#maxAnswerBytes = Math.min(maxAnswerBytes, maxBytes / 4);
    this.#files = new AnswerFiles({ ...options, maxBytes });
  }

  /**
   * A fresh answer without asking, or what `ask` gives, which is kept if its headers allow that.
   * @param freshSinceMs an answer that came later is fresh, whatever its headers say. Default: none is for that
   */
  async send<Response extends HttpResponse>(
    request: HttpRequest,
    ask: Ask<Response>,
    freshSinceMs?: number,
  ): Promise<Response | HttpResponse> {
    const key = this.#keyOf(request);
    const known = await this.#files.read(key);
    if (known === undefined) return this.#keep(key, request, await ask(request));
    if (known.confirmedAtMs > (freshSinceMs ?? Infinity) || this.#isFresh(known, request))
      return this.#give(known, false);
    return await this.#revalidate(key, known, request, ask);
  }

  /** Forgets all answers of the connection on this machine. */
  async clear(): Promise<void> {
    await this.#files.clear();
  }

  async #revalidate<Response extends HttpResponse>(
    key: string,
    known: CachedAnswer,
    request: HttpRequest,
    ask: Ask<Response>,
  ): Promise<Response | HttpResponse> {
    const mayStandIn = this.#options.clock.now() - known.confirmedAtMs < this.#staleMs;
    let response: Response;
    try {
      response = await ask({ ...request, headers: { ...request.headers, ...conditionsOf(known) } });
    } catch (error) {
      if (mayStandIn && isOutage(error)) return this.#give(known, true);
      throw error;
    }
    if (response.status === 304) return await this.#confirm(key, known, request, response);
    if (mayStandIn && (response.status >= 500 || response.status === 429)) {
      response.body.destroy();
      return this.#give(known, true);
    }
    return this.#keep(key, request, response);
  }

  async #confirm(
    key: string,
    known: CachedAnswer,
    request: HttpRequest,
    response: HttpResponse,
  ): Promise<HttpResponse> {
    response.body.destroy();
    const now = (): number => this.#options.clock.now();
    const answer = { status: 304, headers: { ...response.headers } };
    const { policy } = readPolicy(known.policy, now).revalidatedPolicy(asked(request), answer);
    const confirmed = { ...known, policy: policy.toObject(), confirmedAtMs: now() };
    await this.#write(key, confirmed);
    return this.#give(confirmed, false);
  }

  /** The same answer, whose body is kept when it has come whole. */
  #keep<Response extends HttpResponse>(key: string, request: HttpRequest, response: Response): Response {
    const { clock } = this.#options;
    const policy = createPolicy(asked(request), response, () => clock.now());
    if (response.status !== 200 || !policy.storable()) return response;
    const { status, url, address } = response;
    const headers = withoutFraming(response.headers);
    const about = { policy: policy.toObject(), status, headers, url, address, confirmedAtMs: clock.now() };
    const body = new KeptBody(this.#maxAnswerBytes, (content) =>
      this.#write(key, { ...about, body: content.toString("base64") }),
    );
    // Whoever reads gets the error.
    pipeline(response.body, body, () => undefined);
    // The same object: whoever sent it knows it by that.
    return Object.assign(response, { body });
  }

  // A full disk costs the next request, and not this one.
  async #write(key: string, answer: CachedAnswer): Promise<void> {
    await this.#files.write(key, answer).catch(() => undefined);
  }

  #give(answer: CachedAnswer, isStale: boolean): HttpResponse {
    return toResponse(answer, { isStale, ageMs: Math.max(0, this.#options.clock.now() - answer.confirmedAtMs) });
  }

  #isFresh(known: CachedAnswer, request: HttpRequest): boolean {
    const { clock } = this.#options;
    if (readPolicy(known.policy, () => clock.now()).satisfiesWithoutRevalidation(asked(request))) return true;
    return !saysHowLong(known.headers) && clock.now() - known.confirmedAtMs < this.#ttlMs;
  }

  // What an answer may depend on beside its address is in the key, so that answers in two languages do not replace each other.
  #keyOf(request: HttpRequest): string {
    const { accept = "", "accept-language": language = "" } = lowerCase(request.headers);
    return fingerprintSettings(this.#options.fingerprint, toAddress(request).href, accept, language);
  }
}

/** Whether answers to it may be kept at all. */
export function isCacheable({ method, body, headers }: HttpRequest): boolean {
  const names = Object.keys(lowerCase(headers));
  return method === "GET" && body === undefined && !names.some((name) => uncached.has(name));
}

/** With these a caller does what the cache would do, or asks for a part. */
const uncached: ReadonlySet<string> = new Set(["range", "if-none-match", "if-modified-since", "if-range"]);

/** Passes a body on, and has it whole at its end unless it is too large. */
class KeptBody extends Transform {
  readonly #maxBytes: number;
  readonly #onWhole: (content: Buffer) => Promise<void>;
  #parts: Buffer[] | undefined = [];
  #bytes = 0;

  constructor(maxBytes: number, onWhole: (content: Buffer) => Promise<void>) {
    super();
    this.#maxBytes = maxBytes;
    this.#onWhole = onWhole;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) this.#parts = undefined;
    this.#parts?.push(chunk);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    void this.#finish(done);
  }

  async #finish(done: TransformCallback): Promise<void> {
    if (this.#parts !== undefined) await this.#onWhole(Buffer.concat(this.#parts));
    done();
  }
}

function asked(request: HttpRequest): { url: string; headers: Record<string, string> } {
  return { url: toAddress(request).href, headers: lowerCase(request.headers) };
}

function lowerCase(headers: HttpRequest["headers"] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function conditionsOf({ headers }: CachedAnswer): Record<string, string> {
  const { etag, "last-modified": modified } = headers;
  return {
    ...(etag === undefined ? {} : { "if-none-match": etag }),
    ...(modified === undefined ? {} : { "if-modified-since": modified }),
  };
}

// The kept body is decoded.
function withoutFraming(headers: HttpResponse["headers"]): HttpResponse["headers"] {
  const { "content-encoding": _encoding, "content-length": _length, "transfer-encoding": _transfer, ...rest } = headers;
  return rest;
}

function saysHowLong(headers: HttpResponse["headers"]): boolean {
  return headers["expires"] !== undefined || /max-age|no-cache|must-revalidate/.test(headers["cache-control"] ?? "");
}

// The service was not reached, or may not be asked now; a wrong request is wrong whatever is kept.
function isOutage(error: unknown): boolean {
  const { errorClass } = classifyError(error);
  return errorClass === "network_timeout" || errorClass === "rate_limit" || errorClass === "service_unavailable";
}
