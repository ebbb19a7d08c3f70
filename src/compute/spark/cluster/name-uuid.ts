// UUIDs that are made of a name: another process that knows the name knows the UUID.
// @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-5
import { createHash } from "node:crypto";

const namespace = Buffer.from("b9b7a3f05b0e4a0f8f0c6f6d2a1e7c35", "hex");

/** The same UUID, of version 5, for the same name. */
export function nameUuid(name: string): string {
  const bytes = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
