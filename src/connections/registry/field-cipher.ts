// Encryption of values of rows, AES-256-GCM. A sealed value is `mr1.<key id>.<base64url of nonce, tag and content>`; it is bound to
// format, key id and column by what is authenticated with it: `mr1.<key id>.<column>`.
import { randomFillSync } from "node:crypto";
import { MillraceError } from "../../core/errors/errors.ts";
import {
  createKeyRing,
  deriveBytes,
  type KeyRing,
  missingKeyHint,
  nonceBytes,
  openText,
  sealText,
} from "./key-ring.ts";

/** Encrypts values of columns. What was encrypted for one column opens for no other. */
export interface SealedFields {
  /** Two seals of one text are never the same. */
  seal(text: string, column: string): string;
  /** @throws MillraceError `SECRET_UNREADABLE` naming the column, and the key that would be needed */
  open(sealed: string, column: string): string;
  /** The same value under the newest key; the text as it is when that is what it is under. @throws MillraceError as `open` */
  renew(sealed: string, column: string): string;
  /** Begins each text that the newest key has sealed. */
  readonly newestMark: string;
  /** The two blocks that HMAC-SHA256 begins its passes with, as hexadecimal digits. */
  hashBlocks(): { readonly inner: string; readonly outer: string };
}

const format = "mr1";
/** Random bytes are asked for in large pieces, which takes a tenth of the time. */
const noncesAtOnce = 1_024;

/**
 * @param keys the keys that the store seals its secrets with, the newest first
 * @throws MillraceError `CONFIG_INVALID` for a short key
 */
export function createFieldCipher(keys: readonly string[]): SealedFields {
  const ring = createKeyRing(keys, "fields");
  const nextNonce = createNonces();
  const newestMark = `${format}.${ring.newest.id}.`;
  const seal = (text: string, column: string): string =>
    `${newestMark}${sealText(ring.newest, text, nextNonce(), bindTo(ring.newest.id, column))}`;
  return {
    seal,
    open: (sealed, column) => open(ring, sealed, column),
    renew(sealed, column) {
      // also what stays as it is has to be what was encrypted
      const text = open(ring, sealed, column);
      return sealed.startsWith(newestMark) ? sealed : seal(text, column);
    },
    newestMark,
    // hashes cannot be made anew of hashes, so that they change with the newest key
    hashBlocks: () => toHashBlocks(deriveBytes(keys[0] ?? "", "hashes")),
  };
}

function open(ring: KeyRing, sealed: string, column: string): string {
  const [mark, id, packed = ""] = sealed.split(".");
  if (mark !== format || id === undefined) throw unreadable(column);
  const key = ring.find(id);
  if (key === undefined) throw otherKey(column, id, ring.ids);
  const text = openText(key, packed, bindTo(id, column));
  if (text === undefined) throw unreadable(column);
  return text;
}

function bindTo(id: string, column: string): string {
  return `${format}.${id}.${column}`;
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
  const message = `a value of column \`${column}\` was encrypted with another key: \`${used}\`, this process has: ${own}`;
  return new MillraceError("SECRET_UNREADABLE", message, {
    hint: missingKeyHint,
  });
}

function unreadable(column: string): MillraceError {
  return new MillraceError("SECRET_UNREADABLE", `a value of column \`${column}\` is not what was encrypted for it`, {
    hint: "a value opens under the name of the column that it was encrypted in, and only as it was written",
  });
}
