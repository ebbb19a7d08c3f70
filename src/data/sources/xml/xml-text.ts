// Bytes of a document → its text, in the encoding that its first bytes or its declaration say.
import type { MillraceError } from "../../../core/errors/errors.ts";

type Decoder = InstanceType<typeof TextDecoder>;

/** @param fail makes the error for text that is not in its encoding */
export async function* decodeXml(
  bytes: AsyncIterable<unknown>,
  fail: (problem: string, hint?: string) => MillraceError,
): AsyncGenerator<string, void> {
  let decoder: Decoder | undefined;
  try {
    for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
      decoder ??= createDecoder(chunk, fail);
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder?.decode() ?? "";
  } catch (error) {
    if (!(error instanceof TypeError) || decoder === undefined) throw error;
    throw fail(`here or soon behind it there are bytes that are no text in ${decoder.encoding}`);
  }
}

/** @see https://www.w3.org/TR/xml/#sec-guessing */
function createDecoder(start: Uint8Array, fail: (problem: string, hint?: string) => MillraceError): Decoder {
  const [first, second] = start;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le", { fatal: true });
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be", { fatal: true });
  const head = Buffer.from(start.subarray(0, 200)).toString("latin1");
  const label = /^(?:\u00EF\u00BB\u00BF)?<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    throw fail(`the document says that its encoding is \`${label}\`, which is not known`, "have it written in UTF-8");
  }
}
