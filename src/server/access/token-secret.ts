// The text of a token, `mlr_<id>_<secret>`, and the hash that the store keeps in place of the secret.
import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

export interface TokenParts {
  /** Public: it is looked up, listed and logged. */
  readonly id: string;
  readonly secret: string;
}

/** 96 bits of id, 256 bits of secret. */
export function createTokenParts(): TokenParts {
  return { id: randomBytes(12).toString("hex"), secret: randomBytes(32).toString("base64url") };
}

export function formatToken({ id, secret }: TokenParts): string {
  return `mlr_${id}_${secret}`;
}

/** `undefined` for what cannot be a token, so that garbage costs neither a look-up nor a hash. */
export function parseToken(text: string): TokenParts | undefined {
  const match = /^mlr_([a-z0-9]{4,40})_([A-Za-z0-9_-]{20,100})$/.exec(text);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { id: match[1], secret: match[2] };
}

/** `scrypt$<cost>$<salt>$<hash>`. The secret is random, so that the cost only has to slow down a wrong guess at a weak one. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(secret, salt, cost);
  return ["scrypt", cost, salt.toString("base64url"), key.toString("base64url")].join("$");
}

/** In constant time for a given hash. False for a hash of a form that is not known. */
export async function verifySecret(secret: string, secretHash: string): Promise<boolean> {
  const [scheme, costText, salt, expected] = secretHash.split("$");
  if (scheme !== "scrypt" || salt === undefined || expected === undefined || !/^\d{4,6}$/.test(costText ?? ""))
    return false;
  const key = await derive(secret, Buffer.from(salt, "base64url"), Number(costText));
  const expectedKey = Buffer.from(expected, "base64url");
  return expectedKey.length === key.length && timingSafeEqual(key, expectedKey);
}

/** Makes a key from a token's text, to find it in memory without keeping the text there. */
export function fingerprintOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** Tells whether two texts are the same, in a time that tells nothing about where they differ. */
export function isSameText(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(fingerprintOf(a)), Buffer.from(fingerprintOf(b)));
}

const cost = 16_384;
const keyLength = 32;
const scryptAsync = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);

function derive(secret: string, salt: Buffer, n: number): Promise<Buffer> {
  return scryptAsync(secret, salt, keyLength, { N: n, r: 8, p: 1, maxmem: 256 * n * 8 });
}
