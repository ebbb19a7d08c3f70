// Encryption of what the store keeps of connections: AES-256-GCM, with a fresh nonce each time, bound to what it is for, so
// that a sealed text of one credential cannot be put in the place of another one's.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { MillraceError } from "../../core/errors/errors.ts";
import type { SecretSeal } from "../auth/seal.ts";

const version = "v1";
const nonceBytes = 12;
const tagBytes = 16;
const leastKeyLength = 16;

/**
 * @param key any text of at least 16 characters; 32 random bytes as base64 are best
 * @throws MillraceError `CONFIG_INVALID` for a shorter key
 */
export function createSecretSeal(key: string): SecretSeal {
  assertSecretKey(key);
  const derived = Buffer.from(hkdfSync("sha256", key, "", "millrace secrets", 32));
  return {
    seal: (secret, purpose) => seal(derived, secret, purpose),
    open: (sealed, purpose) => open(derived, sealed, purpose),
  };
}

/** @throws MillraceError `CONFIG_INVALID` for a key that is too short */
export function assertSecretKey(key: string): void {
  if (key.length >= leastKeyLength) return;
  throw new MillraceError(
    "CONFIG_INVALID",
    `expected the key of secrets to have at least ${leastKeyLength} characters, got: \`${key.length}\``,
    { hint: "`openssl rand -base64 32` makes a good one" },
  );
}

function seal(key: Buffer, secret: string, purpose: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(`${version}:${purpose}`));
  const content = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return `${version}.${Buffer.concat([nonce, cipher.getAuthTag(), content]).toString("base64url")}`;
}

function open(key: Buffer, sealed: string, purpose: string): string {
  const [mark, text = ""] = sealed.split(".");
  const bytes = Buffer.from(text, "base64url");
  if (mark !== version || bytes.length < nonceBytes + tagBytes) throw unreadable(purpose);
  const nonce = bytes.subarray(0, nonceBytes);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(`${version}:${purpose}`));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString("utf8");
  } catch {
    throw unreadable(purpose);
  }
}

function unreadable(purpose: string): MillraceError {
  return new MillraceError(
    "SECRET_UNREADABLE",
    `what the store keeps for \`${purpose}\` cannot be opened with this key`,
    {
      hint: "give this process the key that the others have, in MILLRACE_SECRET_KEY or MILLRACE_SECRET_KEY_FILE",
    },
  );
}
