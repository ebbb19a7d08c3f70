// Encryption of what the store keeps of connections, with a fresh nonce each time, bound to what it is for, so that a sealed text of one
// credential cannot be put in the place of another one's: `v1.<key id>.<base64url of nonce, tag and content>`.
import { randomBytes } from "node:crypto";
import { MillraceError } from "../../core/errors/errors.ts";
import type { RenewableSeal } from "../auth/seal.ts";
import { createKeyRing, type KeyRing, missingKeyHint, nonceBytes, openText, sealText } from "./key-ring.ts";

const version = "v1";

/**
 * @param keys the newest first, as `createKeyRing` takes them
 * @throws MillraceError `CONFIG_INVALID` for a short key
 */
export function createSecretSeal(keys: readonly string[]): RenewableSeal {
  const ring = createKeyRing(keys, "secrets");
  const seal = (secret: string, purpose: string): string => {
    const { id } = ring.newest;
    return `${version}.${id}.${sealText(ring.newest, secret, randomBytes(nonceBytes), bindTo(id, purpose))}`;
  };
  return {
    seal,
    open: (sealed, purpose) => open(ring, sealed, purpose),
    renew(sealed, purpose) {
      const secret = open(ring, sealed, purpose);
      return sealed.startsWith(`${version}.${ring.newest.id}.`) ? undefined : seal(secret, purpose);
    },
  };
}

function bindTo(id: string, purpose: string): string {
  return `${version}.${id}:${purpose}`;
}

function open(ring: KeyRing, sealed: string, purpose: string): string {
  const [mark, id = "", text = ""] = sealed.split(".");
  if (mark !== version) throw unreadable(purpose);
  const key = ring.find(id);
  if (key === undefined) throw otherKey(purpose, id, ring.ids);
  const secret = openText(key, text, bindTo(id, purpose));
  if (secret === undefined) throw unreadable(purpose);
  return secret;
}

function otherKey(purpose: string, used: string, own: string): MillraceError {
  const message = `what is kept for \`${purpose}\` was sealed with another key: \`${used}\`, this process has: ${own}`;
  return new MillraceError("SECRET_UNREADABLE", message, { hint: missingKeyHint });
}

function unreadable(purpose: string): MillraceError {
  return new MillraceError("SECRET_UNREADABLE", `what is kept for \`${purpose}\` is not what was sealed for it`, {
    hint: "it was changed, or put in the place of something else; register the connection again, or run the job that gets it",
  });
}
