// The keys of what a project keeps sealed: tokens, connections that somebody registered, and datasets of credentials.
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { RenewableSeal } from "../../connections/auth/seal.ts";
import { createFieldCipher, type SealedFields } from "../../connections/registry/field-cipher.ts";
import { createSecretSeal } from "../../connections/registry/secret-seal.ts";
import { type Environment, splitKeys } from "../../config.ts";

export type SealEnvironment = Pick<Environment, "secretKey" | "secretKeyFile">;

/** Makes or reads the key when it is first needed: most projects have nothing to keep, and need none. */
export function openSeal(root: string, environment: SealEnvironment): RenewableSeal {
  let made: RenewableSeal | undefined;
  const seal = (): RenewableSeal => (made ??= createSecretSeal(loadKeys(root, environment)));
  return {
    seal: (secret, purpose) => seal().seal(secret, purpose),
    open: (sealed, purpose) => seal().open(sealed, purpose),
    renew: (sealed, purpose) => seal().renew(sealed, purpose),
  };
}

/** Encrypts values of rows with the same key; it is asked for when a job needs it. */
export function openFieldCipher(root: string, environment: SealEnvironment): SealedFields {
  return createFieldCipher(loadKeys(root, environment));
}

/** The newest first. */
function loadKeys(root: string, { secretKey, secretKeyFile }: SealEnvironment): readonly string[] {
  if (secretKey !== undefined) return splitKeys(secretKey);
  const path = secretKeyFile === undefined ? join(root, ".millrace/secret.key") : resolve(secretKeyFile);
  return splitKeys(readIfThere(path) ?? makeKey(path));
}

// Two processes may come first at the same time; the one that is later reads what the other one wrote.
function makeKey(path: string): string {
  const key = randomBytes(32).toString("base64");
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, `${key}\n`, { mode: 0o600, flag: "wx" });
    return key;
  } catch (error) {
    const written = readIfThere(path)?.trim();
    if (written === undefined || written === "") throw error;
    return written;
  }
}

/** The text of a file; `undefined` where there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
