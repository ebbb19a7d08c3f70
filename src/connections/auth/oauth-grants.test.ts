import { createVerify, generateKeyPairSync, verify } from "node:crypto";
import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JwtAlgorithm } from "../../core/connection/http-auth.ts";
import { loginGrant } from "./login-grant.ts";
import { clientCredentialsGrant, jwtGrant, refreshTokenGrant } from "./oauth-grants.ts";
import { signJwt } from "./sign-jwt.ts";

const client = { tokenUrl: "https://id.example/token", clientId: "a:b", clientSecret: "s/1" };

test("client id and secret stand in the header, encoded, or in the form", () => {
  const request = clientCredentialsGrant({ ...client, scope: "read" }).request(undefined, 0);
  expect(request.headers?.["authorization"]).toBe(`Basic ${Buffer.from("a%3Ab:s%2F1").toString("base64")}`);
  expect(request.body).toEqual({ form: { grant_type: "client_credentials", scope: "read" } });
  const inBody = clientCredentialsGrant({ ...client, clientAuth: "body" }).request(undefined, 0);
  expect(inBody.headers?.["authorization"]).toBeUndefined();
  expect(inBody.body).toEqual({ form: { grant_type: "client_credentials", client_id: "a:b", client_secret: "s/1" } });
});

test("the next renewal uses the newest refresh token, also of a service that gives none", () => {
  const grant = refreshTokenGrant({ ...client, refreshToken: "first" });
  const one = grant.read({ access_token: "a1", refresh_token: "second", expires_in: "3600" }, undefined);
  expect(one).toEqual({ token: "a1", refreshToken: "second", lifetimeMs: 3_600_000 });
  expect(grant.request(one, 0).body).toEqual({ form: { grant_type: "refresh_token", refresh_token: "second" } });
  expect(grant.read({ access_token: "a2" }, one)).toEqual({ token: "a2", refreshToken: "second" });
});

test.each([undefined, null, "text", {}, { access_token: "" }, { access_token: 5 }])(
  "the answer %o has no token",
  (body) => {
    expect(() => clientCredentialsGrant(client).read(body, undefined)).toThrow(MillraceError);
  },
);

const keys = {
  RS256: generateKeyPairSync("rsa", { modulusLength: 2_048 }),
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: generateKeyPairSync("ed25519"),
} as const;

test.each(Object.entries(keys) as [keyof typeof keys, (typeof keys)["RS256"]][])(
  "an assertion is signed with %s",
  (algorithm, pair) => {
    const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const jwt = signJwt({ tokenUrl: client.tokenUrl, issuer: "me", key, algorithm, claims: { sub: "you" } }, 1_000_000);
    const [header = "", payload = "", signature = ""] = jwt.split(".");
    const parse = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
    expect(parse(header)).toEqual({ alg: algorithm, typ: "JWT" });
    expect(parse(payload)).toMatchObject({ iss: "me", sub: "you", aud: client.tokenUrl, iat: 1_000, exp: 1_300 });
    const content = Buffer.from(`${header}.${payload}`);
    const signed = Buffer.from(signature, "base64url");
    const isValid =
      algorithm === "RS256"
        ? createVerify("sha256").update(content).verify(pair.publicKey, signed)
        : verify(
            algorithm === "EdDSA" ? null : "sha256",
            content,
            { key: pair.publicKey, dsaEncoding: "ieee-p1363" },
            signed,
          );
    expect(isValid).toBe(true);
  },
);

test.each([
  ["RS256", keys.ES256.privateKey.export({ type: "pkcs8", format: "pem" }).toString(), "ec"],
  ["ES256", "canary", "no private key in PEM form"],
] as [JwtAlgorithm, string, string][])(
  "a key that does not fit %s is refused without quoting it",
  (algorithm, key, got) => {
    const sign = (): string => signJwt({ tokenUrl: client.tokenUrl, issuer: "me", key, algorithm }, 0);
    expect(sign).toThrow(`key, got: \`${got}\``);
  },
);

test("each assertion is another one", () => {
  const grant = jwtGrant({ tokenUrl: client.tokenUrl, issuer: "me", key: "secret", algorithm: "HS256" });
  expect(grant.request(undefined, 0).body).not.toEqual(grant.request(undefined, 0).body);
});

test("a session token is read from its place, with its life", () => {
  const grant = loginGrant({
    url: "https://x.example/login",
    form: { user: "me", password: "secret" },
    token: "data.session.id",
    expiresIn: "data.ttl",
    header: "X-Session",
  });
  expect(grant.request(undefined, 0)).toEqual({
    method: "POST",
    url: "https://x.example/login",
    headers: { accept: "application/json" },
    body: { form: { user: "me", password: "secret" } },
  });
  expect([grant.header, grant.prefix]).toEqual(["x-session", ""]);
  expect(grant.read({ data: { session: { id: 12 }, ttl: 60 } }, undefined)).toEqual({
    token: "12",
    lifetimeMs: 60_000,
  });
  expect(() => grant.read({ data: {} }, undefined)).toThrow(
    "the answer to the login has no token at `data.session.id`",
  );
});

test("an assertion that is exchanged is sent as a bearer, and the token lives until the instant of the answer", () => {
  const { privateKey } = keys.RS256;
  const key = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  const auth = { tokenUrl: "https://hub.example/app/installations/7/access_tokens", issuer: "12", key };
  const grant = jwtGrant({ ...auth, exchange: { token: "token", expiresAt: "expires_at" } });
  const request = grant.request(undefined, Date.parse("2026-01-01T00:00:00Z"));
  expect(request).toMatchObject({ method: "POST", url: auth.tokenUrl });
  expect(request.headers?.["authorization"]).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
  expect(request.body).toBeUndefined();
  const answer = { token: "ghs_12_abc", expires_at: "2026-01-01T01:00:00Z" };
  expect(grant.read(answer, undefined)).toEqual({ token: "ghs_12_abc", lifetimeMs: 3_600_000 });
  expect(() => grant.read({ message: "Not Found" }, undefined)).toThrow("no token at `token`");
});
