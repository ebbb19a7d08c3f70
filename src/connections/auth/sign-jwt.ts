// Signed assertions, with what Node has.
import { createHmac, createPrivateKey, constants, type KeyObject, randomUUID, sign } from "node:crypto";
import type { JwtAlgorithm, JwtAuth } from "../../core/connection/http-auth.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import { parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** @throws MillraceError `VALUE_INVALID` for a key that does not fit the algorithm */
export function signJwt(auth: Resolved<JwtAuth>, nowMs: number): string {
  const { algorithm = "RS256", keyId, issuer, subject = issuer, audience = auth.tokenUrl, scope, claims = {} } = auth;
  const issuedAt = Math.floor(nowMs / 1_000);
  const header = { alg: algorithm, typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) };
  const payload = {
    iss: issuer,
    sub: subject,
    aud: audience,
    iat: issuedAt,
    exp: issuedAt + Math.ceil(parseDuration(auth.lifetime ?? "5m", "lifetime") / 1_000),
    jti: randomUUID(),
    ...(scope === undefined ? {} : { scope }),
    ...claims,
  };
  const content = `${encode(header)}.${encode(payload)}`;
  return `${content}.${signContent(content, algorithm, auth.key).toString("base64url")}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

function signContent(content: string, algorithm: JwtAlgorithm, key: string): Buffer {
  if (algorithm === "HS256") return createHmac("sha256", key).update(content).digest();
  const privateKey = readKey(key, algorithm);
  const data = Buffer.from(content);
  switch (algorithm) {
    case "RS256":
    case "RS384":
    case "RS512":
      return sign(`sha${algorithm.slice(2)}`, data, privateKey);
    case "PS256": {
      const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
      return sign("sha256", data, { key: privateKey, ...padding });
    }
    case "ES256":
    case "ES384":
      return sign(`sha${algorithm.slice(2)}`, data, { key: privateKey, dsaEncoding: "ieee-p1363" });
    case "EdDSA":
      return sign(null, data, privateKey);
  }
}

const keyTypes: Readonly<Record<Exclude<JwtAlgorithm, "HS256">, string>> = {
  RS256: "rsa",
  RS384: "rsa",
  RS512: "rsa",
  PS256: "rsa",
  ES256: "ec",
  ES384: "ec",
  EdDSA: "ed25519",
};

function readKey(pem: string, algorithm: Exclude<JwtAlgorithm, "HS256">): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // What the parser says may quote the key.
  }
  const expected = keyTypes[algorithm];
  if (key?.asymmetricKeyType === expected) return key;
  const got = key?.asymmetricKeyType ?? "no private key in PEM form";
  throw new MillraceError(
    "VALUE_INVALID",
    `expected \`key\` for ${algorithm} to be an ${expected} key, got: \`${got}\``,
  );
}
