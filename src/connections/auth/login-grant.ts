// Session tokens: a call with a user's name and password, or whatever the service wants, gives one.
import { MillraceError } from "../../core/errors/errors.ts";
import { fingerprintSettings } from "./fingerprint-settings.ts";
import type { LoginAuth } from "./http-auth.ts";
import type { TokenGrant, TokenSet } from "./token-grant.ts";

/** A new session for each token. */
export function loginGrant(auth: LoginAuth): TokenGrant {
  const { request, header = "authorization" } = auth;
  return {
    header: header.toLowerCase(),
    prefix: auth.prefix ?? (header.toLowerCase() === "authorization" ? "Bearer " : ""),
    fingerprint: fingerprintSettings(JSON.stringify(request), auth.token),
    request: () => request,
    read: (body) => readSession(auth, body),
  };
}

function readSession({ token: path, expiresIn, lifetimeMs }: LoginAuth, body: unknown): TokenSet {
  const token = readPath(body, path);
  if ((typeof token !== "string" && typeof token !== "number") || token === "") {
    throw new MillraceError("FORMAT_INVALID", `the answer to the login has no token at \`${path}\``, {
      hint: "compare the path with the service's documentation",
    });
  }
  const seconds = expiresIn === undefined ? Number.NaN : Number(readPath(body, expiresIn) ?? Number.NaN);
  const livesMs = seconds > 0 ? seconds * 1_000 : lifetimeMs;
  return { token: String(token), ...(livesMs === undefined ? {} : { lifetimeMs: livesMs }) };
}

function readPath(value: unknown, path: string): unknown {
  let current = value;
  for (const name of path.split(".")) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, name)) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[name];
  }
  return current;
}
