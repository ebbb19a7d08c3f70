// How a connection proves who it is. Secrets are here in the clear, so values of these types are never logged or stored.
import type { HttpRequest } from "../http/http-request.ts";

/** Exactly one kind. */
export type HttpAuth =
  | { readonly basic: BasicAuth }
  | { readonly bearer: string }
  | { readonly apiKey: ApiKeyAuth }
  | { readonly clientCredentials: ClientCredentialsAuth }
  | { readonly refreshToken: RefreshTokenAuth }
  | { readonly jwt: JwtAuth }
  | { readonly login: LoginAuth }
  | { readonly sign: RequestSigner };

export interface BasicAuth {
  readonly user: string;
  readonly password: string;
}

/** In a header or a query parameter. */
export type ApiKeyAuth =
  | { readonly header: string; readonly value: string }
  | { readonly query: string; readonly value: string };

export interface TokenEndpoint {
  readonly tokenUrl: string;
  readonly scope?: string;
  /** More fields of the form, such as `audience`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface ClientSecret {
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Where client id and secret stand. Default `header`, as the standard prefers. */
  readonly clientAuth?: "header" | "body";
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4 */
export interface ClientCredentialsAuth extends TokenEndpoint, ClientSecret {}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-6 */
export interface RefreshTokenAuth extends TokenEndpoint, ClientSecret {
  /** The first one; later ones are in the store. Another value than before starts anew with it. */
  readonly refreshToken: string;
}

export type JwtAlgorithm = "RS256" | "RS384" | "RS512" | "PS256" | "ES256" | "ES384" | "EdDSA" | "HS256";

/** @see https://www.rfc-editor.org/rfc/rfc7523 */
export interface JwtAuth extends TokenEndpoint {
  readonly issuer: string;
  /** Default: the issuer. */
  readonly subject?: string;
  /** Default: `tokenUrl`. */
  readonly audience?: string;
  /** PEM of the private key, or the shared secret of `HS256`. */
  readonly key: string;
  readonly keyId?: string;
  /** Default `RS256`. */
  readonly algorithm?: JwtAlgorithm;
  /** Of the assertion, in milliseconds. Default 5 min. */
  readonly lifetimeMs?: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A call that gives a session token. */
export interface LoginAuth {
  readonly request: Pick<HttpRequest, "method" | "url" | "headers" | "body" | "query">;
  /** Where the token is in the JSON of the answer, such as `data.session.token`. */
  readonly token: string;
  /** How long a token lives, in milliseconds, unless `expiresIn` says so. Default: until the service refuses it. */
  readonly lifetimeMs?: number;
  /** Where the answer has the seconds that the token lives. */
  readonly expiresIn?: string;
  /** The header that carries the token. Default `authorization`. */
  readonly header?: string;
  /** What stands before the token. Default `Bearer ` in `authorization`, else nothing. */
  readonly prefix?: string;
}

/** Gives headers for a request, such as a signature over its method, address and body. */
export type RequestSigner = (
  request: HttpRequest,
  nowMs: number,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
