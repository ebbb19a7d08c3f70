// Where a new token comes from. Each kind of grant makes one request; what is done with its answer is the same for all.
import type { HttpRequest } from "../http/http-request.ts";

/** What a service gave, as the store keeps it, sealed. */
export interface TokenSet {
  readonly token: string;
  /** What the next renewal needs; services that rotate give another one each time. */
  readonly refreshToken?: string;
  readonly lifetimeMs?: number;
}

export interface TokenGrant {
  /** Another text for other settings, so that a token from before they were changed is not used. Holds no secret. */
  readonly fingerprint: string;
  /** How the token is sent. */
  readonly header: string;
  readonly prefix: string;
  /** @param before the tokens there are, `undefined` for the first time */
  request(before: TokenSet | undefined, nowMs: number): HttpRequest;
  /** @throws MillraceError `FORMAT_INVALID` for a body without a token */
  read(body: unknown, before: TokenSet | undefined): TokenSet;
}
