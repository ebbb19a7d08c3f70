// Puts on requests what proves who sends them, and knows what to do when a service does not believe it.
import type { Clock } from "../../core/clock.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpAuth } from "./http-auth.ts";
import { loginGrant } from "./login-grant.ts";
import { clientCredentialsGrant, jwtGrant, refreshTokenGrant } from "./oauth-grants.ts";
import type { TokenGrant } from "./token-grant.ts";
import { type KnownToken, TokenKeeper, type TokenKeeperOptions } from "./token-keeper.ts";

export interface AuthorizedRequest {
  readonly request: HttpRequest;
  /** The token that it carries, where that can be renewed. */
  readonly token?: KnownToken;
}

export interface Authenticator {
  /** The request with credentials. */
  authorize(request: HttpRequest, signal?: AbortSignal): Promise<AuthorizedRequest>;
  /** The same request with other credentials, after a 401; `undefined` where there are no others. */
  reauthorize(refused: AuthorizedRequest, signal?: AbortSignal): Promise<AuthorizedRequest | undefined>;
}

/** What kinds of auth with tokens need; those without never touch it. */
export type TokenOptions = Omit<TokenKeeperOptions, "grant">;

export interface AuthenticatorOptions {
  readonly auth: HttpAuth | undefined;
  readonly clock: Pick<Clock, "now">;
  readonly onSecret: (secret: string) => void;
  readonly tokens: TokenOptions;
}

/** Registers the secrets of the settings at once. */
export function createAuthenticator({ auth, clock, onSecret, tokens }: AuthenticatorOptions): Authenticator {
  if (auth === undefined) return fixed((request) => request);
  for (const secret of secretsOf(auth)) onSecret(secret);
  if ("basic" in auth) return withHeader("authorization", `Basic ${encodeBasic(auth.basic)}`);
  if ("bearer" in auth) return withHeader("authorization", `Bearer ${auth.bearer}`);
  if ("apiKey" in auth) {
    const { apiKey } = auth;
    return "header" in apiKey ? withHeader(apiKey.header, apiKey.value) : withParameter(apiKey.query, apiKey.value);
  }
  if ("sign" in auth) {
    return fixed(async (request) => addHeaders(request, await auth.sign(request, clock.now())));
  }
  return withToken(new TokenKeeper({ ...tokens, grant: toGrant(auth) }), toGrant(auth));
}

function toGrant(
  auth: Extract<
    HttpAuth,
    { clientCredentials: unknown } | { refreshToken: unknown } | { jwt: unknown } | { login: unknown }
  >,
): TokenGrant {
  if ("clientCredentials" in auth) return clientCredentialsGrant(auth.clientCredentials);
  if ("refreshToken" in auth) return refreshTokenGrant(auth.refreshToken);
  return "jwt" in auth ? jwtGrant(auth.jwt) : loginGrant(auth.login);
}

function withToken(keeper: TokenKeeper, { header, prefix }: TokenGrant): Authenticator {
  const carry = (request: HttpRequest, token: KnownToken): AuthorizedRequest => ({
    request: addHeaders(request, { [header]: `${prefix}${token.token}` }),
    token,
  });
  return {
    authorize: async (request, signal) => carry(request, await keeper.get(signal)),
    reauthorize: async ({ request, token }, signal) =>
      token === undefined ? undefined : carry(request, await keeper.replace(token, signal)),
  };
}

function withHeader(name: string, value: string): Authenticator {
  return fixed((request) => addHeaders(request, { [name.toLowerCase()]: value }));
}

function withParameter(name: string, value: string): Authenticator {
  return fixed((request) => ({
    ...request,
    query: { ...request.query, [name]: value },
    secretParameters: [...(request.secretParameters ?? []), name],
  }));
}

// What never changes cannot be better the second time.
function fixed(add: (request: HttpRequest) => HttpRequest | Promise<HttpRequest>): Authenticator {
  return {
    authorize: async (request) => ({ request: await add(request) }),
    reauthorize: () => Promise.resolve(undefined),
  };
}

// The name may stand in other letters already, and only one of the two may be sent.
function addHeaders(request: HttpRequest, added: Readonly<Record<string, string>>): HttpRequest {
  const lowerCase = Object.entries({ ...request.headers }).map(([name, value]) => [name.toLowerCase(), value]);
  return { ...request, headers: { ...(Object.fromEntries(lowerCase) as Record<string, string>), ...added } };
}

function encodeBasic({ user, password }: { readonly user: string; readonly password: string }): string {
  return Buffer.from(`${user}:${password}`).toString("base64");
}

function secretsOf(auth: HttpAuth): string[] {
  if ("basic" in auth) return [auth.basic.password, encodeBasic(auth.basic)];
  if ("bearer" in auth) return [auth.bearer];
  if ("apiKey" in auth) return [auth.apiKey.value];
  if ("clientCredentials" in auth) return present(auth.clientCredentials.clientSecret);
  if ("refreshToken" in auth) return [auth.refreshToken.refreshToken, ...present(auth.refreshToken.clientSecret)];
  return "jwt" in auth ? [auth.jwt.key] : [];
}

function present(secret: string | undefined): string[] {
  return secret === undefined ? [] : [secret];
}
