// The keys of a project for one purpose. The newest one seals; what was sealed says which key it was, so that older ones open theirs until
// nothing needs them any more. AES-256-GCM, with the purpose bound to each text by what is authenticated with it.
import { createCipheriv, createDecipheriv, createHash, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { MillraceError } from "../../core/errors/errors.ts";

export interface SealingKey {
  /** The first 8 hexadecimal digits of the SHA-256 of the key. */
  readonly id: string;
  readonly secret: KeyObject;
}

export interface KeyRing {
  readonly newest: SealingKey;
  /** The key with an id; `undefined` when this process has not been given it. */
  find(id: string): SealingKey | undefined;
  /** For messages: the newest first. */
  readonly ids: string;
}

export const nonceBytes = 12;
const tagBytes = 16;
const leastKeyLength = 16;

/**
 * @param keys the newest first, each any text of at least 16 characters; 32 random bytes as base64 are best
 * @param purpose what the keys are derived for
 * @throws MillraceError `CONFIG_INVALID` for a shorter key, and for none
 */
export function createKeyRing(keys: readonly string[], purpose: string): KeyRing {
  for (const key of keys) assertSecretKey(key);
  const ring = keys.map((key) => toSealingKey(deriveBytes(key, purpose)));
  const [newest] = ring;
  if (newest === undefined) throw tooShort(0);
  return {
    newest,
    find: (id) => ring.find((key) => key.id === id),
    ids: ring.map(({ id }) => `\`${id}\``).join(", "),
  };
}

/** 32 bytes. */
export function deriveBytes(key: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, "", `millrace ${purpose}`, 32));
}

/** Nonce, tag and content as base64url. */
export function sealText({ secret }: SealingKey, text: string, nonce: Uint8Array, boundTo: string): string {
  const cipher = createCipheriv("aes-256-gcm", secret, nonce).setAAD(Buffer.from(boundTo));
  const content = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), content]).toString("base64url");
}

/** `undefined` for a text that was changed, or that is bound to something else. */
export function openText({ secret }: SealingKey, sealed: string, boundTo: string): string | undefined {
  const packed = Buffer.from(sealed, "base64url");
  if (packed.length < nonceBytes + tagBytes) return undefined;
  const [nonce, rest] = [packed.subarray(0, nonceBytes), packed.subarray(nonceBytes)];
  try {
    const decipher = createDecipheriv("aes-256-gcm", secret, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(boundTo)).setAuthTag(rest.subarray(0, tagBytes));
    return decipher.update(rest.subarray(tagBytes), undefined, "utf8") + decipher.final("utf8");
  } catch {
    return undefined;
  }
}

/** What to do about a key that is missing. */
export const missingKeyHint =
  "give this process that key too, behind its own in MILLRACE_SECRET_KEY or in the file that MILLRACE_SECRET_KEY_FILE names";

function toSealingKey(bytes: Buffer): SealingKey {
  return { id: createHash("sha256").update(bytes).digest("hex").slice(0, 8), secret: createSecretKey(bytes) };
}

function assertSecretKey(key: string): void {
  if (key.length < leastKeyLength) throw tooShort(key.length);
}

function tooShort(length: number): MillraceError {
  return new MillraceError(
    "CONFIG_INVALID",
    `expected the key of secrets to have at least ${leastKeyLength} characters, got: \`${length}\``,
    { hint: "`openssl rand -base64 32` makes a good one; several keys stand with white space between them" },
  );
}
