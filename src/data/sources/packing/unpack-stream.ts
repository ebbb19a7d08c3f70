// Bytes of a packed file → the bytes that were packed, while they come. What was cut or damaged, and what follows the end of the
// data, is an error: half a delivery must not pass as a whole one.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createWriteStream } from "node:fs";
import { createDecoder } from "../../../connections/http/content-decoders.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Codec } from "./codecs.ts";
import { decodeText } from "./decode-text.ts";
import { decryptStream, type GpgKeys } from "./gpg.ts";
import type { InflationLimit } from "./inflation-limit.ts";

/** What is to be undone, of a file that is no zip archive any more. */
export interface Unpacking {
  /** Of the file, for messages. */
  readonly name: string;
  /** The outermost first. */
  readonly layers: readonly Exclude<Codec, "zip">[];
  readonly limit: InflationLimit;
  readonly keys?: GpgKeys;
  /** How the text is encoded, which becomes UTF-8. */
  readonly encoding?: string;
}

/** Writes what was packed to a new file. @throws MillraceError `SOURCE_UNREADABLE` naming the file */
export async function unpackTo(path: string, packed: AsyncIterable<Uint8Array>, unpacking: Unpacking): Promise<void> {
  const { name, encoding } = unpacking;
  const unpacked = await unpackStream(packed, unpacking);
  const text = encoding === undefined ? [] : [decodeText(encoding, name)];
  try {
    await pipeline([unpacked, ...text, createWriteStream(path, { flags: "wx" })]);
  } catch (error) {
    throw toUnpackError(error, name);
  }
}

/** The bytes that were packed; whoever reads them gets the errors. */
async function unpackStream(packed: AsyncIterable<Uint8Array>, unpacking: Unpacking): Promise<Readable> {
  const { name, layers, limit, keys } = unpacking;
  let packedBytes = 0;
  let stream = Readable.from(
    (async function* () {
      for await (const chunk of packed) {
        packedBytes += chunk.length;
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
  for (const layer of layers) {
    const source = layer === "gpg" ? await decryptStream(stream, keys, name) : stream;
    const decoders = layer === "gpg" ? [] : (createDecoder(encodings[layer]) ?? []);
    const last = limit.stage(name, () => packedBytes);
    // whoever reads the last stage gets the error
    pipeline([source, ...decoders, last]).catch(() => undefined);
    stream = last;
  }
  return stream;
}

/** The names that HTTP has for them. */
const encodings: Readonly<Record<Exclude<Codec, "zip" | "gpg">, string>> = {
  gzip: "gzip",
  zstd: "zstd",
  brotli: "br",
  deflate: "deflate",
};

/** Says of what other software throws which file it was about. */
export function toUnpackError(error: unknown, name: string): MillraceError {
  if (error instanceof MillraceError && error.code !== "FORMAT_INVALID") return error;
  const reason = error instanceof Error ? error.message : "it cannot be unpacked";
  return new MillraceError("SOURCE_UNREADABLE", `unpacking \`${name}\`: ${reason}`, {
    hint: "the file is damaged or was not delivered completely; deliver it again",
    cause: error,
  });
}
