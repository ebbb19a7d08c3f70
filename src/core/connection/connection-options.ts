// A connection as a configuration declares it: the service, who asks, and how much of it may be asked for.
import type { Duration } from "../duration.ts";
import type { RateLimitHeaders } from "../errors/rate-limit-headers.ts";
import type { HttpAuth } from "./http-auth.ts";
import type { Secret } from "./secret.ts";

export interface ConnectionOptions {
  readonly http: HttpConnectionOptions;
}

export interface HttpConnectionOptions {
  /** What relative addresses begin with. Credentials go to its origin only. */
  readonly baseUrl: string;
  readonly auth?: HttpAuth;
  /** Sent with each request to the own origin. */
  readonly headers?: Readonly<Record<string, Secret>>;
  readonly limits?: ConnectionLimits;
  readonly tls?: TlsOptions;
  /** Address of an HTTP proxy, which may hold user and password. */
  readonly proxy?: Secret;
  readonly timeouts?: ConnectionTimeouts;
  /** Answers to GET that are kept. Default: none. */
  readonly cache?: CacheOptions;
  /** Other origins that requests and redirects may go to, without credentials. */
  readonly otherOrigins?: readonly string[];
  /** Names of query parameters that are masked, beside those that are named like a secret. */
  readonly secretParameters?: readonly string[];
}

/** How much a service is asked for with one credential. */
export interface ConnectionLimits {
  /** Requests under way at once in each process. Default 8. */
  readonly concurrency?: number;
  /** Requests of all processes in any window of that length. Default: as many as the service allows. */
  readonly requests?: RequestQuota;
  /** A longer wait gives the worker back. Default `1m`. */
  readonly maxWait?: Duration;
  /** Of a service whose headers have names of their own. */
  readonly headers?: RateLimitHeaders;
}

/** What is done with answers that say that they may be kept. */
export interface CacheOptions {
  /** How long an answer that does not say so itself is used without asking. Default: each is asked for again. */
  readonly ttl?: Duration;
  /** How long the last answer stands in while the service fails. Default: never. */
  readonly staleIfError?: Duration;
  /** Of all answers of the connection on a machine. Default 64 MiB. */
  readonly maxBytes?: number;
}

export interface RequestQuota {
  readonly count: number;
  readonly per: Duration;
}

export interface TlsOptions {
  /** PEM of the client certificate with its chain. */
  readonly certificate?: Secret;
  /** PEM of its private key. */
  readonly key?: Secret;
  readonly passphrase?: Secret;
  /** PEM of the authorities that are trusted for this service, instead of those of Node.js. */
  readonly authorities?: Secret;
}

export interface ConnectionTimeouts {
  /** From the end of the request to the headers of the answer. Default `60s`. */
  readonly headers?: Duration;
  /** Between two parts of the body. Default `60s`. */
  readonly idle?: Duration;
  /** From the start to the last byte. Default `1h`. */
  readonly total?: Duration;
}
