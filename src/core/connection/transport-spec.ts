// What all connections that talk HTTP may say of how they do it.
import { z } from "zod";
import type { RateLimitHeaders } from "../errors/rate-limit-headers.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { choice, duration, integer, text } from "../spec/option-values.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import type {
  ConnectionLimits,
  ConnectionTimeouts,
  EndpointLimits,
  PointQuota,
  RequestQuota,
  TlsOptions,
} from "./transport-options.ts";
import { type Secret, secret } from "./secret.ts";

/** Options that such a connection has beside its own. */
export interface TransportShape {
  readonly limits: z.ZodOptional<z.ZodType<ConnectionLimits, ConnectionLimits>>;
  readonly tls: z.ZodOptional<z.ZodType<TlsOptions, TlsOptions>>;
  readonly proxy: z.ZodOptional<z.ZodType<Secret, Secret>>;
  readonly timeouts: z.ZodOptional<z.ZodType<ConnectionTimeouts, ConnectionTimeouts>>;
}

/** The shape of these options, for the spec of a kind of connection. */
export function transportShape(): TransportShape {
  return {
    limits: optional(limitsSpec.schema),
    tls: optional(tlsSpec.schema),
    proxy: optional(secret()).describe("address of an HTTP proxy that all requests go through; it may hold a password"),
    timeouts: optional(timeoutsSpec.schema),
  };
}

const limitsSpec: Spec<ConnectionLimits> = defineSpec<ConnectionLimits>()(() => ({
  concurrency: optional(integer(1, 1_000), "8").describe(
    "requests under way at once in each process; fewer while the service cannot bear them",
  ),
  requests: optional(quotaSpec.schema),
  points: optional(pointsSpec.schema),
  maxWait: optional(duration(), "`1m`").describe("a run that would wait longer gives its worker back"),
  headers: optional(rateHeadersSpec.schema),
  endpoints: optional(endpointsSpec.schema),
}));

const endpointsSpec: Spec<EndpointLimits> = defineSpec<EndpointLimits>()(() => ({
  header: text().describe("the header that says what a limit is of; left out: a pause is of all requests"),
  values: expecting("a list of one or more texts", z.array(z.string().min(1)).min(1).readonly()).describe(
    "its values for limits of one endpoint, which then pauses alone",
  ),
}));

const quotaSpec: Spec<RequestQuota> = defineSpec<RequestQuota>()(() => ({
  count: integer(1, 1_000_000).describe(
    "requests of all processes together in any window; left out: as many as the service allows",
  ),
  per: duration("a duration of at least a second", (ms) => ms >= 1_000).describe("length of that window"),
}));

const pointsSpec: Spec<PointQuota> = defineSpec<PointQuota>()(() => ({
  count: integer(2, 100_000_000).describe(
    "points of all processes together in any window, half of which may come at once; left out: none are counted",
  ),
  per: duration("a duration of at least a second", (ms) => ms >= 1_000).describe("length of that window"),
  cost: optional(integer(0, 50_000_000), "1").describe("points of a request that does not say `cost`"),
}));

const rateHeadersSpec: Spec<RateLimitHeaders> = defineSpec<RateLimitHeaders>()(() => ({
  remaining: optional(text()).describe("where a service with header names of its own says how many requests are left"),
  reset: optional(text()).describe("the header that says when there are more again"),
  resetUnit: optional(choice(["seconds", "epoch", "epochMs", "date"]), "what the number can only be").describe(
    "what that counts: seconds from now, seconds or milliseconds since 1970, or a date",
  ),
}));

const tlsSpec: Spec<TlsOptions> = defineSpec<TlsOptions>()(() => ({
  certificate: optional(secret()).describe("PEM of the client certificate with its chain"),
  key: optional(secret()).describe("PEM of its private key"),
  passphrase: optional(secret()).describe("what the key is encrypted with"),
  authorities: optional(secret(), "those of Node.js").describe(
    "PEM of the authorities that are trusted for this service",
  ),
}));

const timeoutsSpec: Spec<ConnectionTimeouts> = defineSpec<ConnectionTimeouts>()(() => ({
  headers: optional(duration(), "`60s`").describe("from the end of the request to the headers of the answer"),
  idle: optional(duration(), "`60s`").describe("between two parts of the body"),
  total: optional(duration(), "`1h`").describe("from the start to the last byte"),
}));
