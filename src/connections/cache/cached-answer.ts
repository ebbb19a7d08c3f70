// An answer as the cache keeps it, and as it is given out again.
import { Readable } from "node:stream";
import CachePolicy from "http-cache-semantics";
import type { HttpResponse } from "../http/http-response.ts";

/** Plain data, so that it can be sealed. */
export interface CachedAnswer {
  /** Of http-cache-semantics: what the headers of request and answer allow. */
  readonly policy: CachePolicy.CachePolicyObject;
  readonly status: number;
  readonly headers: HttpResponse["headers"];
  readonly url: string;
  readonly address: string;
  /** Decoded, as base64. */
  readonly body: string;
  /** When the service last said that this is its answer. */
  readonly confirmedAtMs: number;
}

/** How old a given answer is, and whether the service could not say if it still holds. */
export interface CacheMark {
  readonly isStale: boolean;
  readonly ageMs: number;
}

/** Nothing comes from the network. */
export function toResponse(answer: CachedAnswer, cache: CacheMark): HttpResponse {
  const { status, headers, url, address } = answer;
  const content = Buffer.from(answer.body, "base64");
  return {
    status,
    headers,
    url,
    address,
    cache,
    body: Readable.from([content], { objectMode: false }),
    isEndKnown: true,
    received: Promise.resolve(),
    traffic: () => ({ receivedBytes: 0, bodyBytes: content.length, headersMs: 0, durationMs: 0 }),
  };
}

/** The policy of an answer, on the given clock. */
export function readPolicy(policy: CachePolicy.CachePolicyObject, now: () => number): CachePolicy {
  return clockedPolicy(now).fromObject(policy);
}

/** @param headers of the request, without what proves who asks */
export function createPolicy(
  { url, headers }: CachePolicy.Request,
  response: Pick<HttpResponse, "status" | "headers">,
  now: () => number,
): CachePolicy {
  const Policy = clockedPolicy(now);
  // The cache is of one credential, so that what is private may be kept; an age is never guessed.
  const options = { shared: false, cacheHeuristic: 0 };
  return new Policy(
    { url, method: "GET", headers },
    { status: response.status, headers: { ...response.headers } },
    options,
  );
}

// The library asks the system for the time unless a subclass knows better.
function clockedPolicy(now: () => number): typeof CachePolicy {
  return class extends CachePolicy {
    now(): number {
      return now();
    }
  };
}
