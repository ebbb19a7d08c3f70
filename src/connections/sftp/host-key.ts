// What an SSH server proves itself with. Without it, whoever stands between could read passwords and give other files.
import { createHash } from "node:crypto";
import { MillraceError } from "../../core/errors/errors.ts";

export interface KnownHostKey {
  /** As OpenSSH prints it: `SHA256:…` without padding. */
  readonly fingerprint: string;
  /** Kind of the key where that is known, such as `ssh-ed25519`. */
  readonly type?: string;
}

/** @param text `SHA256:…`, or the key with its kind, as a line of `known_hosts` has it */
export function parseHostKey(text: string): KnownHostKey {
  const words = text.trim().split(/\s+/);
  const [first = ""] = words;
  if (first.startsWith("SHA256:")) return { fingerprint: first.replace(/=+$/, "") };
  const at = words.findIndex((word) => /^(?:ssh|ecdsa)-/.test(word));
  const [type = "", key = ""] = words.slice(at);
  return { fingerprint: fingerprintOf(Buffer.from(key, "base64")), type };
}

/** The fingerprint of a key as it comes from a server. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** Kinds of keys to ask a server for; `undefined` where a key is known by its fingerprint alone. */
export function algorithmsOf(known: readonly KnownHostKey[]): readonly string[] | undefined {
  const types = known.map(({ type }) => type);
  if (types.includes(undefined)) return undefined;
  const algorithms = types.flatMap((type) => (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type ?? ""]));
  return [...new Set(algorithms)];
}

/** @returns what to throw when the server has another key */
export function hostKeyMismatch(place: string, key: Uint8Array): MillraceError {
  const length = Buffer.from(key).readUInt32BE(0);
  const type = Buffer.from(key).toString("latin1", 4, 4 + Math.min(length, 64));
  return new MillraceError(
    "HOST_KEY_MISMATCH",
    `${place} has another host key than the connection says, got: \`${fingerprintOf(key)}\` (${type})`,
    {
      hint: "ask whoever runs the server whether its key was replaced; only then correct `hostKey`",
    },
  );
}
