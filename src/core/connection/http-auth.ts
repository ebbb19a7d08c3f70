// How a connection proves who it is, as a configuration says it: exactly one kind.
import type { Duration } from "../duration.ts";
import type { Secret } from "./secret.ts";

/** Exactly one kind. */
export interface HttpAuth {
  readonly basic?: BasicAuth;
  /** A fixed token for `authorization: Bearer …`. */
  readonly bearer?: Secret;
  readonly apiKey?: ApiKeyAuth;
  readonly clientCredentials?: ClientCredentialsAuth;
  readonly refreshToken?: RefreshTokenAuth;
  readonly jwt?: JwtAuth;
  readonly login?: LoginAuth;
  readonly sign?: RequestSigner;
}

export interface BasicAuth {
  readonly user: string;
  readonly password: Secret;
}

/** In the header or the query parameter of that name. */
export interface ApiKeyAuth {
  readonly header?: string;
  readonly query?: string;
  readonly value: Secret;
}

export interface TokenEndpoint {
  readonly tokenUrl: string;
  readonly scope?: string;
  /** More fields of the form, such as `audience`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface ClientSecret {
  readonly clientId: string;
  readonly clientSecret?: Secret;
  /** Where client id and secret stand. Default `header`, as the standard prefers. */
  readonly clientAuth?: "header" | "body";
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4 */
export interface ClientCredentialsAuth extends TokenEndpoint, ClientSecret {}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-6 */
export interface RefreshTokenAuth extends TokenEndpoint, ClientSecret {
  /** The first one; later ones are in the store. Another value than before starts anew with it. */
  readonly refreshToken: Secret;
}

export const jwtAlgorithms = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "HS256"] as const;

export type JwtAlgorithm = (typeof jwtAlgorithms)[number];

/** @see https://www.rfc-editor.org/rfc/rfc7523 */
export interface JwtAuth extends TokenEndpoint {
  readonly issuer: string;
  /** Default: the issuer. */
  readonly subject?: string;
  /** Default: `tokenUrl`. */
  readonly audience?: string;
  /** PEM of the private key, or the shared secret of `HS256`. */
  readonly key: Secret;
  readonly keyId?: string;
  /** Default `RS256`. */
  readonly algorithm?: JwtAlgorithm;
  /** Of the assertion. Default `5m`. */
  readonly lifetime?: Duration;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** For services that take the assertion as `authorization: Bearer …`, and answer in a form of their own. Default: as the standard has it. */
  readonly exchange?: JwtExchange;
}

export interface JwtExchange {
  /** Where the token is in the JSON of the answer. */
  readonly token: string;
  /** Where the answer has the instant at which the token ends. Default: it lives until the service refuses it. */
  readonly expiresAt?: string;
}

/** A call that gives a session token. */
export interface LoginAuth {
  readonly url: string;
  /** Default `POST`. */
  readonly method?: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, Secret>>;
  /** Fields of a JSON body. */
  readonly json?: Readonly<Record<string, Secret>>;
  /** Fields of a form. */
  readonly form?: Readonly<Record<string, Secret>>;
  /** Where the token is in the JSON of the answer, such as `data.session.token`. */
  readonly token: string;
  /** How long a token lives, unless `expiresIn` says so. Default: until the service refuses it. */
  readonly lifetime?: Duration;
  /** Where the answer has the seconds that the token lives. */
  readonly expiresIn?: string;
  /** The header that carries the token. Default `authorization`. */
  readonly header?: string;
  /** What stands before the token. Default `Bearer ` in `authorization`, else nothing. */
  readonly prefix?: string;
}

/** What a signature is made over: exactly what is sent. */
export interface SignableRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `undefined` without a body, and for one that is a stream. */
  readonly body: string | Uint8Array | undefined;
}

/** Gives the headers that prove who asks, such as an HMAC. */
export type RequestSigner = (
  request: SignableRequest,
  nowMs: number,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
