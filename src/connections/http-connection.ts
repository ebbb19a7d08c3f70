// A service as jobs talk to it: each request goes through the gate of its credential, carries what proves who asks, and is sent
// again only when the service has said that it did nothing: because of a pause, or of a token that has ended.
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import type { HttpConnectionOptions } from "../core/connection/connection-options.ts";
import { type ExchangeObserver, labelExchanges } from "../core/connection/exchange.ts";
import type { ConnectionTimeouts } from "../core/connection/transport-options.ts";
import type { Resolved } from "../core/connection/secret.ts";
import { parseDuration } from "../core/duration.ts";
import { MillraceError } from "../core/errors/errors.ts";
import {
  type AuthorizedRequest,
  createRequestAuthorizer,
  type RequestAuthorizer,
  type TokenOptions,
} from "./auth/request-authorizer.ts";
import type { CredentialStore } from "../core/connection/credential-store.ts";
import type { SecretSeal } from "./auth/seal.ts";
import { fetchGrant } from "./auth/fetch-grant.ts";
import { fingerprintSettings } from "./auth/fingerprint-settings.ts";
import { AnswerCache, isCacheable } from "./cache/answer-cache.ts";
import type { QuotaStore } from "../core/connection/quota-store.ts";
import { toEndpoint } from "./gate/endpoint-pauses.ts";
import { type GatePass, RequestGate } from "./gate/request-gate.ts";
import { createHttpAgent, type HttpAgent } from "./http/http-agent.ts";
import type { ExchangeTape } from "./http/exchange-tape.ts";
import type { HttpRequest, HttpTimeouts } from "./http/http-request.ts";
import type { HttpResponse } from "./http/http-response.ts";
import { maskAddress } from "./http/mask-address.ts";
import { sendRequest } from "./http/send-request.ts";

/** What connections share with all workers and with the rest of the process. */
export interface ConnectionServices {
  readonly store: CredentialStore & QuotaStore;
  readonly seal: SecretSeal;
  readonly clock: Pick<Clock, "now" | "sleep">;
  /** Unique for this process. */
  readonly holder: string;
  /** Records exchanges, or answers in the place of the service. */
  readonly tape?: ExchangeTape | undefined;
  /** Told each secret as soon as it is known, so that it is masked everywhere. */
  readonly onSecret: (secret: string) => void;
  /** Where answers are kept, a folder for each connection. Default: none is. */
  readonly cacheFolder?: string;
}

/** `url` may be absolute or relative to the connection's address. */
export type ConnectionRequest = Omit<HttpRequest, "redirectOrigins">;

export interface ConnectionResponse extends HttpResponse {
  /** Of this request only: how often it was sent again after a pause or with a new token. */
  readonly repeats: number;
}

/** Who sends a request: the signal ends it, the observer hears of each exchange, those for tokens included. */
export interface SendCall {
  readonly signal?: AbortSignal | undefined;
  readonly observer?: ExchangeObserver | undefined;
  /** Called right before each time that the request leaves, which it does not when this throws. */
  readonly beforeSend?: (() => Promise<void>) | undefined;
  /** Points of the request, where the connection counts them. Default: what it says of each. */
  readonly cost?: number | undefined;
  /** Whether the service is asked whatever is kept of its answers. Default: no. */
  readonly isUncached?: boolean;
  /** A kept answer that came after it is not asked for again, whatever its headers say. Default: none is. */
  readonly freshSinceMs?: number | undefined;
}

/** How often a request is sent again after pauses before its answer is the caller's business. */
const maxPauses = 5;

/** One service. Closing it ends what is under way. */
export class HttpConnection implements AsyncDisposable {
  readonly name: string;
  readonly #options: Resolved<HttpConnectionOptions>;
  readonly #timeouts: HttpTimeouts;
  readonly #base: URL;
  readonly #gate: RequestGate;
  readonly #agent: HttpAgent;
  readonly #authorizer: RequestAuthorizer;
  readonly #cache: AnswerCache | undefined;
  readonly #hasTape: boolean;
  readonly #sent = new WeakMap<ConnectionResponse, AuthorizedRequest>();

  constructor(name: string, options: Resolved<HttpConnectionOptions>, services: ConnectionServices) {
    const { baseUrl, auth, limits = {}, tls, proxy, timeouts } = options;
    const { store, clock, seal, holder, onSecret, tape } = services;
    this.name = name;
    this.#options = options;
    this.#timeouts = toTimeouts(timeouts);
    this.#base = parseBase(name, baseUrl);
    this.#gate = new RequestGate({ name, limits, store, clock });
    this.#agent = createHttpAgent({
      origin: this.#base.origin,
      tape,
      ...(tls === undefined ? {} : { tls }),
      ...(proxy === undefined ? {} : { proxy }),
    });
    const tokens = { name, store, seal, clock, holder, onSecret, fetchGrant: this.#fetchGrant(clock) };
    this.#authorizer = createRequestAuthorizer({ auth, clock, tokens });
    this.#cache = openCache(name, options, services);
    this.#hasTape = tape !== undefined;
  }

  /** What relative addresses begin with. */
  get baseUrl(): string {
    return this.#base.href;
  }

  /**
   * Gives the answer as soon as its headers are there, whatever its status. After a 401 the token is renewed once and the same
   * request is sent again; after a pause that the service asked for, up to five times. A large body counts as under
   * way until it was read or destroyed.
   * @throws MillraceError `CONNECTION_BLOCKED` when the pause is longer than a worker should wait, `AUTHENTICATION_FAILED`, and
   * what `sendRequest` throws
   */
  async send(request: ConnectionRequest, call: SendCall = {}): Promise<ConnectionResponse> {
    const { target, isOwn } = this.#resolve(request);
    const mayBeKept = isOwn && call.isUncached !== true && call.beforeSend === undefined && isCacheable(target);
    if (this.#cache === undefined || !mayBeKept) return await this.#ask(target, isOwn, call);
    // a tape has all requests, in its own time
    const freshSinceMs = this.#hasTape ? undefined : call.freshSinceMs;
    const response = await this.#cache.send(target, (asked) => this.#ask(asked, isOwn, call), freshSinceMs);
    return "repeats" in response ? response : { ...response, repeats: 0 };
  }

  async #ask(target: HttpRequest, isOwn: boolean, call: SendCall): Promise<ConnectionResponse> {
    let current = isOwn ? await this.#authorizer.authorize(target, call) : { request: target };
    let isRenewed = false;
    for (let pauses = 0, repeats = 0; ; repeats += 1) {
      const { response, isPause } = await this.#sendOnce(current.request, call, repeats);
      if (isPause && pauses < maxPauses && mayRepeat(target, response.status)) {
        pauses += 1;
        response.body.destroy();
        continue;
      }
      if (response.status === 401 && isOwn && !isRenewed) {
        isRenewed = true;
        const renewed = await this.#renew(response, current, call);
        if (renewed !== undefined) {
          current = renewed;
          continue;
        }
      }
      const result: ConnectionResponse = { ...response, repeats };
      this.#sent.set(result, current);
      return result;
    }
  }

  /**
   * For services that refuse a token with another status than 401: the next request carries another one.
   * @returns whether there is another one
   */
  async renewToken(refused: ConnectionResponse, call: SendCall = {}): Promise<boolean> {
    const sent = this.#sent.get(refused);
    return sent !== undefined && (await this.#authorizer.reauthorize(sent, call)) !== undefined;
  }

  /** Forgets the answers that are kept of it on this machine. */
  async forgetAnswers(): Promise<void> {
    await this.#cache?.clear();
  }

  /** For services that ask for a pause in a body: nothing is sent for that long, by any worker. */
  async pause(forMs: number): Promise<void> {
    await this.#gate.block(forMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent[Symbol.asyncDispose]();
  }

  async #renew(
    response: HttpResponse,
    refused: AuthorizedRequest,
    call: SendCall,
  ): Promise<AuthorizedRequest | undefined> {
    if (refused.token === undefined) return undefined;
    response.body.destroy();
    return await this.#authorizer.reauthorize(refused, call);
  }

  async #sendOnce(
    request: HttpRequest,
    call: SendCall,
    repeat: number,
  ): Promise<{ readonly response: HttpResponse; readonly isPause: boolean }> {
    const endpoint = toEndpoint(request.method, request.url);
    const pass = await this.#gate.enter(call.signal, { cost: call.cost, endpoint });
    const observer = labelExchanges(call.observer, { connection: this.name, repeat });
    const response = await this.#exchange(request, pass, { ...call, observer });
    try {
      return { response, isPause: await pass.note(response) };
    } catch (error) {
      response.body.destroy();
      throw error;
    }
  }

  async #exchange(request: HttpRequest, pass: GatePass, call: SendCall): Promise<HttpResponse> {
    try {
      await call.beforeSend?.();
      const response = await sendRequest(request, { ...call, agent: this.#agent });
      // who finds in the body of a refusal that it asks for a pause says so before another request leaves
      void response.received.then(() => (response.status < 400 ? pass.leave() : setImmediate(() => pass.leave())));
      return response;
    } catch (error) {
      pass.leave();
      throw error;
    }
  }

  #fetchGrant(clock: Pick<Clock, "now">): TokenOptions["fetchGrant"] {
    return (request, observer) =>
      fetchGrant(request, {
        agent: this.#agent,
        observer: labelExchanges(observer, { connection: this.name }),
        nowMs: clock.now(),
      });
  }

  #resolve(request: ConnectionRequest): { readonly target: HttpRequest; readonly isOwn: boolean } {
    const { headers, otherOrigins = [], secretParameters = [] } = this.#options;
    const url = /^[a-z][a-z\d+.-]*:/i.test(request.url) ? request.url : joinAddress(this.#base, request.url);
    const origin = URL.parse(url)?.origin;
    const isOwn = origin === this.#base.origin;
    if (!isOwn && origin !== undefined && !otherOrigins.includes(origin)) throw this.#leadsAway(url, origin);
    const target: HttpRequest = {
      ...request,
      url,
      redirectOrigins: otherOrigins,
      secretParameters: [...secretParameters, ...(request.secretParameters ?? [])],
      timeouts: { ...this.#timeouts, ...request.timeouts },
      headers: isOwn ? { ...headers, ...request.headers } : { ...request.headers },
    };
    return { target, isOwn };
  }

  #leadsAway(url: string, origin: string): MillraceError {
    const masked = maskAddress(url, this.#options.secretParameters);
    return new MillraceError("REDIRECT_REFUSED", `connection \`${this.name}\` does not go to ${masked}`, {
      hint: `if that is where the data is, add "${origin}" to \`otherOrigins\`; it gets no credentials`,
    });
  }
}

// A 503 may have done half of the work; 429 and 403 with a time mean that nothing was done.
function mayRepeat({ method }: HttpRequest, status: number): boolean {
  return status !== 503 || ["GET", "HEAD", "PUT", "DELETE"].includes(method);
}

// Other settings, secrets included, know nothing of answers from before.
function openCache(
  name: string,
  settings: Resolved<HttpConnectionOptions>,
  { seal, clock, cacheFolder, tape }: ConnectionServices,
): AnswerCache | undefined {
  const { cache: options } = settings;
  // A recording has every exchange, and a played answer is nothing to keep.
  if (options === undefined || cacheFolder === undefined || tape !== undefined) return undefined;
  const fingerprint = fingerprintSettings(name, JSON.stringify(settings), settings.auth?.sign?.toString());
  return new AnswerCache({ name, options, fingerprint, seal, clock, folder: join(cacheFolder, name) });
}

function toTimeouts({ headers, idle, total }: ConnectionTimeouts = {}): HttpTimeouts {
  return {
    ...(headers === undefined ? {} : { headersMs: parseDuration(headers, "timeouts.headers") }),
    ...(idle === undefined ? {} : { idleMs: parseDuration(idle, "timeouts.idle") }),
    ...(total === undefined ? {} : { totalMs: parseDuration(total, "timeouts.total") }),
  };
}

function parseBase(name: string, baseUrl: string): URL {
  const url = URL.parse(baseUrl);
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.username === "") return url;
  throw new MillraceError(
    "CONFIG_INVALID",
    `expected \`baseUrl\` of connection \`${name}\` to be an http or https address without query and password`,
  );
}

function joinAddress(base: URL, path: string): string {
  return `${base.href.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
}
