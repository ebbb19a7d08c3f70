// Where a redirect leads and what goes with it. To another origin go only headers that cannot hold a credential: the usual
// clients drop `authorization` there and send `x-api-key` along.
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpMethod, HttpRequest } from "./http-request.ts";
import { maskAddress } from "./mask-address.ts";

/** One request of the chain. */
export interface Hop {
  readonly method: HttpMethod;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly hasBody: boolean;
}

export type RedirectRules = Pick<HttpRequest, "redirectOrigins" | "secretParameters">;

const harmlessHeaders: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "if-modified-since",
  "if-none-match",
  "range",
  "user-agent",
]);

const bodyHeaders: ReadonlySet<string> = new Set([
  "content-type",
  "content-length",
  "content-encoding",
  "transfer-encoding",
]);

/**
 * The next request after an answer; `undefined` when the answer is no redirect.
 * @throws MillraceError `REDIRECT_REFUSED`
 */
export function followRedirect(
  hop: Hop,
  status: number,
  location: string | undefined,
  rules: RedirectRules,
): Hop | undefined {
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  const refused = (where: string, hint?: string): MillraceError => createRefusal(hop, rules, where, hint);
  const url = URL.parse(location, hop.url.href);
  if (url === null || !/^https?:$/.test(url.protocol)) throw refused("an address that is not http or https");
  const isElsewhere = url.origin !== hop.url.origin;
  if (isElsewhere && rules.redirectOrigins?.includes(url.origin) !== true) {
    throw refused(
      `\`${url.origin}\``,
      "if that is where the data is, add it to the origins that redirects may lead to",
    );
  }
  const keepsMethod = status >= 307 || hop.method === "GET" || hop.method === "HEAD";
  if (keepsMethod && hop.hasBody && isElsewhere) throw refused(`\`${url.origin}\`, with the body`);
  return {
    method: keepsMethod ? hop.method : "GET",
    url,
    headers: keepHeaders(hop.headers, isElsewhere, keepsMethod),
    hasBody: keepsMethod && hop.hasBody,
  };
}

/** A chain that is longer leads nowhere. */
export const maxRedirects = 10;

/** @returns what to throw after too many redirects */
export function tooManyRedirects(hop: Hop, rules: RedirectRules): MillraceError {
  return createRefusal(hop, rules, `more than ${maxRedirects} addresses, one after the other`);
}

function keepHeaders(headers: Hop["headers"], isElsewhere: boolean, keepsBody: boolean): Hop["headers"] {
  const kept = Object.entries(headers).filter(([name]) => {
    if (!keepsBody && bodyHeaders.has(name)) return false;
    return !isElsewhere || harmlessHeaders.has(name);
  });
  return Object.fromEntries(kept);
}

function createRefusal(
  { method, url }: Hop,
  { secretParameters }: RedirectRules,
  where: string,
  hint?: string,
): MillraceError {
  const exchange = `${method} ${maskAddress(url, secretParameters)}`;
  return new MillraceError(
    "REDIRECT_REFUSED",
    `${exchange}: the answer leads to ${where}`,
    hint === undefined ? {} : { hint },
  );
}
