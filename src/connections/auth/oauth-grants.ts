// OAuth 2: the grants of machines. All of them are one POST of a form to the token endpoint.
import type {
  ClientCredentialsAuth,
  ClientSecret,
  JwtAuth,
  JwtExchange,
  RefreshTokenAuth,
  TokenEndpoint,
} from "../../core/connection/http-auth.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { fingerprintSettings } from "./fingerprint-settings.ts";
import { readPath } from "./read-path.ts";
import { signJwt } from "./sign-jwt.ts";
import type { TokenGrant, TokenSet } from "./token-grant.ts";

const bearer = { header: "authorization", prefix: "Bearer " } as const;

/** A token for the application itself. */
export function clientCredentialsGrant(auth: Resolved<ClientCredentialsAuth>): TokenGrant {
  return {
    ...bearer,
    fingerprint: fingerprintSettings(auth.tokenUrl, auth.clientId, auth.clientSecret, auth.scope),
    request: () => tokenRequest(auth, { grant_type: "client_credentials" }, auth),
    read: readTokens,
  };
}

/** A token for a person who gave leave once. A service may give another refresh token each time and forget the one before. */
export function refreshTokenGrant(auth: Resolved<RefreshTokenAuth>): TokenGrant {
  return {
    ...bearer,
    fingerprint: fingerprintSettings(auth.tokenUrl, auth.clientId, auth.refreshToken),
    request: (before) => {
      const refreshToken = before?.refreshToken ?? auth.refreshToken;
      return tokenRequest(auth, { grant_type: "refresh_token", refresh_token: refreshToken }, auth);
    },
    read: (body, before) => {
      // A service that does not rotate gives none; then the one that there is stays.
      const refreshToken = before?.refreshToken ?? auth.refreshToken;
      return { refreshToken, ...readTokens(body) };
    },
  };
}

/** A token for who can sign with a key, such as a service account. */
export function jwtGrant(auth: Resolved<JwtAuth>): TokenGrant {
  const { tokenUrl, issuer, subject, audience, scope, key, exchange } = auth;
  if (exchange !== undefined) return exchangeGrant(auth, exchange);
  return {
    ...bearer,
    fingerprint: fingerprintSettings(tokenUrl, issuer, subject, audience, scope, key),
    request: (_, nowMs) => {
      const assertion = signJwt(auth, nowMs);
      return tokenRequest(auth, { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
    },
    read: readTokens,
  };
}

/** Installation tokens of GitHub Apps and the like: what is signed proves who asks, and nothing else is sent. */
function exchangeGrant(auth: Resolved<JwtAuth>, { token: path, expiresAt }: JwtExchange): TokenGrant {
  const { tokenUrl, issuer, subject, audience, key } = auth;
  let askedAtMs = 0;
  return {
    ...bearer,
    fingerprint: fingerprintSettings(tokenUrl, issuer, subject, audience, path, key),
    request: (_, nowMs) => {
      askedAtMs = nowMs;
      const headers = { accept: "application/json", authorization: `Bearer ${signJwt(auth, nowMs)}` };
      return { method: "POST", url: tokenUrl, headers };
    },
    read: (body) => {
      const token = readPath(body, path);
      if (typeof token !== "string" || token === "") {
        throw new MillraceError("FORMAT_INVALID", `the answer of the token endpoint has no token at \`${path}\``, {
          hint: "compare `tokenUrl` and `exchange.token` with the service's documentation",
        });
      }
      const endsAtMs = expiresAt === undefined ? Number.NaN : Date.parse(String(readPath(body, expiresAt)));
      const lifetimeMs = endsAtMs - askedAtMs;
      return { token, ...(lifetimeMs > 0 ? { lifetimeMs } : {}) };
    },
  };
}

function tokenRequest(
  { tokenUrl, scope, parameters = {} }: TokenEndpoint,
  grant: Readonly<Record<string, string>>,
  client?: Resolved<ClientSecret>,
): HttpRequest {
  const isInHeader = client?.clientSecret !== undefined && client.clientAuth !== "body";
  return {
    method: "POST",
    url: tokenUrl,
    headers: { accept: "application/json", ...(isInHeader ? { authorization: basicOf(client) } : {}) },
    body: {
      form: {
        ...grant,
        ...(scope === undefined ? {} : { scope }),
        ...(client === undefined || isInHeader ? {} : { client_id: client.clientId }),
        ...(client?.clientSecret === undefined || isInHeader ? {} : { client_secret: client.clientSecret }),
        ...parameters,
      },
    },
  };
}

// Both parts are form-encoded before they are joined, so that a colon in the id cannot move the border.
function basicOf({ clientId, clientSecret = "" }: Resolved<ClientSecret>): string {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1 */
function readTokens(body: unknown): TokenSet {
  const fields = typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  const { access_token: token, refresh_token: refreshToken, expires_in: expiresIn } = fields;
  if (typeof token !== "string" || token === "") {
    throw new MillraceError("FORMAT_INVALID", "the answer of the token endpoint has no `access_token`", {
      hint: "compare `tokenUrl` with the service's documentation",
    });
  }
  const seconds = Number(expiresIn);
  return {
    token,
    ...(typeof refreshToken === "string" && refreshToken !== "" ? { refreshToken } : {}),
    ...(expiresIn !== undefined && expiresIn !== null && seconds > 0 ? { lifetimeMs: seconds * 1_000 } : {}),
  };
}
