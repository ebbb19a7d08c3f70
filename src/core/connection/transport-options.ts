// How connections that talk HTTP do it, whatever the service.
import type { Duration } from "../duration.ts";
import type { RateLimitHeaders } from "../errors/rate-limit-headers.ts";
import type { Secret } from "./secret.ts";

/** How much a service is asked for with one credential. */
export interface ConnectionLimits {
  /** Requests under way at once in each process. Default 8. */
  readonly concurrency?: number;
  /** Requests of all processes in any window of that length. Default: as many as the service allows. */
  readonly requests?: RequestQuota;
  /** Points of all processes in any window of that length, for services that count what a request costs. Default: none are counted. */
  readonly points?: PointQuota;
  /** A longer wait gives the worker back. Default `1m`. */
  readonly maxWait?: Duration;
  /** Of a service whose headers have names of their own. */
  readonly headers?: RateLimitHeaders;
  /** Answers whose pause is of the endpoint alone that gave them. Default: a pause is of all requests. */
  readonly endpoints?: EndpointLimits;
}

/**
 * A header that says what a limit is of. An endpoint is a method and a path; segments with a digit or a capital letter, as ids and keys
 * have, stand for any.
 */
export interface EndpointLimits {
  readonly header: string;
  /** Values of limits of one endpoint. */
  readonly values: readonly string[];
}

export interface RequestQuota {
  readonly count: number;
  readonly per: Duration;
}

/** Half of the points may come at once, so that a request may cost up to that. */
export interface PointQuota extends RequestQuota {
  /** Of a request that does not say. Default 1. */
  readonly cost?: number;
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
