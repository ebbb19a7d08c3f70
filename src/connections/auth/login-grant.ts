// Session tokens: a call with a user's name and password, or whatever the service wants, gives one.
import type { LoginAuth } from "../../core/connection/http-auth.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import { parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpBody, HttpRequest } from "../http/http-request.ts";
import { fingerprintSettings } from "./fingerprint-settings.ts";
import { readPath } from "./read-path.ts";
import type { TokenGrant, TokenSet } from "./token-grant.ts";

/** A new session for each token. */
export function loginGrant(auth: Resolved<LoginAuth>): TokenGrant {
  const { url, method, headers, json, form, token } = auth;
  const header = (auth.header ?? "authorization").toLowerCase();
  return {
    header,
    prefix: auth.prefix ?? (header === "authorization" ? "Bearer " : ""),
    fingerprint: fingerprintSettings(url, method, JSON.stringify([headers, json, form]), token),
    request: () => toRequest(auth),
    read: (body) => readSession(auth, body),
  };
}

function toRequest({ url, method = "POST", headers, json, form }: Resolved<LoginAuth>): HttpRequest {
  const body: HttpBody | undefined = json === undefined ? form && { form } : { json };
  return {
    method,
    url,
    headers: { accept: "application/json", ...headers },
    ...(body === undefined ? {} : { body }),
  };
}

function readSession({ token: path, expiresIn, lifetime }: Resolved<LoginAuth>, body: unknown): TokenSet {
  const token = readPath(body, path);
  if ((typeof token !== "string" && typeof token !== "number") || token === "") {
    throw new MillraceError("FORMAT_INVALID", `the answer to the login has no token at \`${path}\``, {
      hint: "compare the path with the service's documentation",
    });
  }
  const seconds = expiresIn === undefined ? Number.NaN : Number(readPath(body, expiresIn) ?? Number.NaN);
  const declaredMs = lifetime === undefined ? undefined : parseDuration(lifetime, "lifetime");
  const livesMs = seconds > 0 ? seconds * 1_000 : declaredMs;
  return { token: String(token), ...(livesMs === undefined ? {} : { lifetimeMs: livesMs }) };
}
