// Text in any encoding that the Encoding Standard knows → UTF-8. The engine knows few encodings, and of UTF-16 in the order of
// network bytes it reads no row and says nothing.
import { Transform, type TransformCallback } from "node:stream";
import { MillraceError } from "../../../core/errors/errors.ts";

/** Whether texts in it can be read. @see https://encoding.spec.whatwg.org/#names-and-labels */
export function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label, { fatal: true }).encoding !== "";
  } catch {
    return false;
  }
}

/** A stage that decodes, and takes a byte order mark away. It fails at bytes that stand for no character. */
export function decodeText(encoding: string, name: string): Transform {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let bytes = 0;
  const decode = (chunk: Uint8Array | undefined, done: TransformCallback): void => {
    try {
      done(null, Buffer.from(decoder.decode(chunk, { stream: chunk !== undefined })));
    } catch (cause) {
      done(wrongText(name, encoding, bytes, cause));
    }
    bytes += chunk?.length ?? 0;
  };
  return new Transform({
    transform: (chunk: Buffer, _: BufferEncoding, done) => decode(chunk, done),
    flush: (done) => decode(undefined, done),
  });
}

function wrongText(name: string, encoding: string, bytes: number, cause: unknown): MillraceError {
  const problem = `behind byte ${bytes} there are bytes that are no text in ${encoding}, or the text ends within a character`;
  return new MillraceError("SOURCE_UNREADABLE", `reading \`${name}\`: ${problem}`, {
    hint: "set `encoding` of the source to the one that the file was written in",
    cause,
  });
}
