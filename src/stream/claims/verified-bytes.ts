// The bytes of a payload, compared with its token while they pass: the last of them is not followed by an end unless they are those
// that were put there.
import { createHash } from "node:crypto";
import { MillraceError } from "../../core/errors/errors.ts";
import type { PayloadToken } from "../../core/stream/payload-token.ts";

/** Yields the bytes as they come. @throws MillraceError `PAYLOAD_ALTERED` at the end at the latest */
export async function* verifiedBytes(
  source: AsyncIterable<Uint8Array>,
  token: PayloadToken,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.byteLength;
    if (bytes > token.bytes) throw altered(token, "more");
    hash.update(chunk);
    yield chunk;
  }
  if (bytes < token.bytes) throw altered(token, "fewer");
  if (hash.digest("hex") !== token.sha256) throw altered(token, "other");
}

function altered({ sha256 }: PayloadToken, bytes: string): MillraceError {
  return new MillraceError(
    "PAYLOAD_ALTERED",
    `the payload store has ${bytes} bytes than those of payload \`${sha256}\``,
    {
      hint: "somebody changed the object; put the right bytes in its place, then send the dead letter again",
      details: { sha256 },
    },
  );
}
