// What stands in a record for bytes that lie in the payload store. It names them by their SHA-256, so that whoever reads them knows
// whether they are still those that were put there.
import { z } from "zod";
import { MillraceError } from "../errors/errors.ts";

/** A claim check. It may be the whole value of a record, or a field in one. */
export interface PayloadToken {
  /** Of the bytes: 64 hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
  readonly contentType?: string;
  /** When it was put into the payload store, as an ISO instant. */
  readonly createdAt: string;
}

/** The header of a record whose value is a token for the value. */
export const claimCheckHeader = "millrace-claim-check";

/** For the schema of a topic whose values have tokens as fields. */
export const payloadTokenSchema: z.ZodType<PayloadToken> = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0),
  contentType: z.string().exactOptional(),
  createdAt: z.iso.datetime(),
});

/** @throws MillraceError `VALUE_INVALID` for what is no token */
export function parsePayloadToken(value: unknown): PayloadToken {
  const parsed = payloadTokenSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new MillraceError("VALUE_INVALID", `expected the token of a payload, which is wrong at: \`${at}\``, {
    hint: "a token is what `putPayload` returns",
  });
}

/**
 * The payloads that values in JSON name, each once: whatever stands behind `"sha256":`. Escaped JSON within a text is not looked
 * into.
 * @param bytes of one value, or of many with anything between them
 */
export function findPayloadHashes(bytes: Uint8Array): readonly string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Set<string>();
  for (let at = buffer.indexOf(marker); at !== -1; at = buffer.indexOf(marker, at + marker.length)) {
    const from = at + marker.length;
    const [, hash] = hashBehind.exec(buffer.toString("latin1", from, from + maxBehind)) ?? [];
    if (hash !== undefined) found.add(hash);
  }
  return [...found];
}

const marker = Buffer.from('"sha256"');
const hashBehind = /^\s*:\s*"([0-9a-f]{64})"/;
/** The hash, its quotes, the colon, and as much space as people write around it. */
const maxBehind = 80;
