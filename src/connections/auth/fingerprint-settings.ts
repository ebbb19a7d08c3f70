// Tells whether settings are the same as when a token was got, without keeping them.
import { createHash } from "node:crypto";

/** SHA-256 over the values; another one for any other values or order. */
export function fingerprintSettings(...values: readonly (string | undefined)[]): string {
  return createHash("sha256")
    .update(JSON.stringify(values.map((value) => value ?? null)))
    .digest("base64url");
}
