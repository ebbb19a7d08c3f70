// Encryption of values of rows, AES-256-GCM. A sealed value is `mr1.<key id>.<base64url of nonce, tag and content>`; it is bound to
// format, key id and column by what is authenticated with it: `mr1.<key id>.<column>`.
import { createCipheriv, createDecipheriv, createHash, createSecretKey, hkdfSync, randomFillSync } from "node:crypto";
import { MillraceError } from "../../core/errors/errors.ts";
import { assertSecretKey } from "./secret-seal.ts";

/** Encrypts values of columns. What was encrypted for one column opens for no other. */
export interface SealedFields {
  /** Two seals of one text are never the same. */
  seal(text: string, column: string): string;
  /** @throws MillraceError `SECRET_UNREADABLE` naming the column, and the key that would be needed */
  open(sealed: string, column: string): string;
  /** The two blocks that HMAC-SHA256 begins its passes with, as hexadecimal digits. */
  hashBlocks(): { readonly inner: string; readonly outer: string };
}

const format = "mr1";
const nonceBytes = 12;
const tagBytes = 16;
/** Random bytes are asked for in large pieces, which takes a tenth of the time. */
const noncesAtOnce = 1_024;

/**
 * @param key the key that the store seals its secrets with, any text of at least 16 characters
 * @throws MillraceError `CONFIG_INVALID` for a shorter key
 */
export function createFieldCipher(key: string): SealedFields {
  assertSecretKey(key);
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync("sha256", key, "", `millrace ${purpose}`, 32));
  const bytes = derive("fields");
  const keyId = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  const secret = createSecretKey(bytes);
  const nextNonce = createNonces();
  return {
    seal(text, column) {
      const nonce = nextNonce();
      const cipher = createCipheriv("aes-256-gcm", secret, nonce).setAAD(bindTo(keyId, column));
      const content = cipher.update(text, "utf8");
      cipher.final();
      return `${format}.${keyId}.${Buffer.concat([nonce, cipher.getAuthTag(), content]).toString("base64url")}`;
    },
    open(sealed, column) {
      const [mark, usedId, text = ""] = sealed.split(".");
      const packed = Buffer.from(text, "base64url");
      if (mark !== format || usedId === undefined || packed.length < nonceBytes + tagBytes) throw unreadable(column);
      if (usedId !== keyId) throw otherKey(column, usedId, keyId);
      try {
        const decipher = createDecipheriv("aes-256-gcm", secret, packed.subarray(0, nonceBytes), {
          authTagLength: tagBytes,
        });
        decipher.setAAD(bindTo(keyId, column)).setAuthTag(packed.subarray(nonceBytes, nonceBytes + tagBytes));
        return decipher.update(packed.subarray(nonceBytes + tagBytes), undefined, "utf8") + decipher.final("utf8");
      } catch {
        throw unreadable(column);
      }
    },
    hashBlocks: () => toHashBlocks(derive("hashes")),
  };
}

function bindTo(keyId: string, column: string): Buffer {
  return Buffer.from(`${format}.${keyId}.${column}`);
}

function createNonces(): () => Uint8Array {
  const pool = Buffer.alloc(nonceBytes * noncesAtOnce);
  let next = pool.length;
  return () => {
    if (next === pool.length) {
      randomFillSync(pool);
      next = 0;
    }
    next += nonceBytes;
    // a copy, since the pool is filled anew
    return Uint8Array.prototype.slice.call(pool, next - nonceBytes, next);
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc2104 */
function toHashBlocks(key: Buffer): { readonly inner: string; readonly outer: string } {
  const block = (pad: number): string =>
    Buffer.from(Buffer.alloc(64, pad).map((byte, index) => byte ^ (key[index] ?? 0))).toString("hex");
  return { inner: block(0x36), outer: block(0x5c) };
}

function otherKey(column: string, used: string, own: string): MillraceError {
  const message = `a value of column \`${column}\` was encrypted with another key: \`${used}\`, this process has: \`${own}\``;
  return new MillraceError("SECRET_UNREADABLE", message, {
    hint: "give this process the key of those who encrypted it, in MILLRACE_SECRET_KEY or MILLRACE_SECRET_KEY_FILE",
  });
}

function unreadable(column: string): MillraceError {
  return new MillraceError("SECRET_UNREADABLE", `a value of column \`${column}\` is not what was encrypted for it`, {
    hint: "a value opens under the name of the column that it was encrypted in, and only as it was written",
  });
}
