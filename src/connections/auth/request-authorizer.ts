// Puts on requests what proves who sends them, and knows what to do when a service does not believe it.
import type { Clock } from "../../core/clock.ts";
import type { ApiKeyAuth, BasicAuth, HttpAuth, RequestSigner } from "../../core/connection/http-auth.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import { encodeBody } from "../http/encode-body.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { toAddress } from "../http/to-address.ts";
import { loginGrant } from "./login-grant.ts";
import { clientCredentialsGrant, jwtGrant, refreshTokenGrant } from "./oauth-grants.ts";
import type { TokenGrant } from "./token-grant.ts";
import { type KnownToken, type TokenCall, TokenKeeper, type TokenKeeperOptions } from "./token-keeper.ts";

export interface AuthorizedRequest {
  readonly request: HttpRequest;
  /** The token that it carries, where that can be renewed. */
  readonly token?: KnownToken;
}

export interface RequestAuthorizer {
  /** The request with credentials. */
  authorize(request: HttpRequest, call: TokenCall): Promise<AuthorizedRequest>;
  /** The same request with other credentials, after a 401; `undefined` where there are no others. */
  reauthorize(refused: AuthorizedRequest, call: TokenCall): Promise<AuthorizedRequest | undefined>;
}

/** What kinds of auth with tokens need; those without never touch it. */
export type TokenOptions = Omit<TokenKeeperOptions, "grant">;

export interface RequestAuthorizerOptions {
  readonly auth: Resolved<HttpAuth> | undefined;
  readonly clock: Pick<Clock, "now">;
  readonly tokens: TokenOptions;
}

/** Exactly one kind is declared, which the configuration has checked. */
export function createRequestAuthorizer({ auth = {}, clock, tokens }: RequestAuthorizerOptions): RequestAuthorizer {
  const { basic, bearer, apiKey, sign } = auth;
  if (basic !== undefined) return withHeader("authorization", `Basic ${encodeBasic(basic, tokens.onSecret)}`);
  if (bearer !== undefined) return withHeader("authorization", `Bearer ${bearer}`);
  if (apiKey !== undefined) return withApiKey(apiKey);
  if (sign !== undefined) return fixed((request) => signRequest(request, sign, clock.now()));
  const grant = toGrant(auth);
  return grant === undefined ? fixed((request) => request) : withToken(new TokenKeeper({ ...tokens, grant }), grant);
}

function toGrant({ clientCredentials, refreshToken, jwt, login }: Resolved<HttpAuth>): TokenGrant | undefined {
  if (clientCredentials !== undefined) return clientCredentialsGrant(clientCredentials);
  if (refreshToken !== undefined) return refreshTokenGrant(refreshToken);
  if (jwt !== undefined) return jwtGrant(jwt);
  return login && loginGrant(login);
}

function withToken(keeper: TokenKeeper, { header, prefix }: TokenGrant): RequestAuthorizer {
  const carry = (request: HttpRequest, token: KnownToken): AuthorizedRequest => ({
    request: addHeaders(request, { [header]: `${prefix}${token.token}` }),
    token,
  });
  return {
    authorize: async (request, call) => carry(request, await keeper.get(call)),
    reauthorize: async ({ request, token }, call) =>
      token === undefined ? undefined : carry(request, await keeper.replace(token, call)),
  };
}

function withHeader(name: string, value: string): RequestAuthorizer {
  return fixed((request) => addHeaders(request, { [name.toLowerCase()]: value }));
}

function withApiKey({ header, query, value }: Resolved<ApiKeyAuth>): RequestAuthorizer {
  if (header !== undefined) return withHeader(header, value);
  const name = query ?? "";
  return fixed((request) => ({
    ...request,
    query: { ...request.query, [name]: value },
    secretParameters: [...(request.secretParameters ?? []), name],
  }));
}

// The body is made before it is signed, so that what is sent is what the signature is over.
async function signRequest(request: HttpRequest, sign: RequestSigner, nowMs: number): Promise<HttpRequest> {
  const { method, headers = {} } = request;
  const url = toAddress(request);
  const encoded = request.body === undefined ? undefined : encodeBody(request.body);
  const body = encoded?.content;
  const signed = addHeaders(request, await sign({ method, url: url.href, headers, body }, nowMs));
  if (body === undefined) return signed;
  const { contentType } = encoded ?? {};
  return { ...signed, body: { raw: body, ...(contentType === undefined ? {} : { contentType }) } };
}

// What never changes cannot be better the second time.
function fixed(add: (request: HttpRequest) => HttpRequest | Promise<HttpRequest>): RequestAuthorizer {
  return {
    authorize: async (request) => ({ request: await add(request) }),
    reauthorize: () => Promise.resolve(undefined),
  };
}

// The name may stand in other letters already, and only one of the two may be sent.
function addHeaders(request: HttpRequest, added: Readonly<Record<string, string>>): HttpRequest {
  const lowerCase = [request.headers, added].flatMap((headers = {}) =>
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const),
  );
  return { ...request, headers: Object.fromEntries(lowerCase) };
}

// The pair as it travels is a secret, too: it holds the password in another form.
function encodeBasic({ user, password }: Resolved<BasicAuth>, onSecret: (secret: string) => void): string {
  const pair = Buffer.from(`${user}:${password}`).toString("base64");
  onSecret(pair);
  return pair;
}
