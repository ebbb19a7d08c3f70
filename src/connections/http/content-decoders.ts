// Decompression of bodies. Node's decoders stop at the end of their data and ignore what follows: here, bytes that nobody read
// are an error.
import { Transform, type TransformCallback } from "node:stream";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import { MillraceError } from "../../core/errors/errors.ts";
import { InflateEither } from "./inflate-either.ts";
import { ZstdFrames } from "./zstd-frames.ts";

/** What this can decode, for `accept-encoding`. */
export const acceptedEncodings = "gzip, deflate, br, zstd";

/** Counts what goes through. */
export class Meter extends Transform {
  bytes = 0;

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    done(null, chunk);
  }
}

/**
 * The stages that undo a `content-encoding`, the last one applied first; none for a body as it is.
 * @throws MillraceError `FORMAT_INVALID` for an encoding that is not known: the raw bytes would look like data
 */
export function createDecoders(contentEncoding: string | undefined, exchange: string): NodeJS.ReadWriteStream[] {
  const encodings = (contentEncoding ?? "").split(",").map((name) => name.trim().toLowerCase());
  const applied = encodings.filter((name) => name !== "" && name !== "identity").toReversed();
  if (applied.length > maxEncodings) throw unknownEncoding(exchange, applied.join(", "));
  return applied.flatMap((name) => {
    const stages = createDecoder(name);
    if (stages === undefined) throw unknownEncoding(exchange, name);
    return stages;
  });
}

const maxEncodings = 3;

/** The stages that undo one encoding; `undefined` for one that is not known. What follows the end of the data is an error. */
export function createDecoder(name: string): NodeJS.ReadWriteStream[] | undefined {
  switch (name) {
    case "gzip":
    case "x-gzip":
      // Reads all members, ignores zeros behind them and refuses anything else.
      return [createGunzip()];
    case "br":
      return readWhole(createBrotliDecompress());
    case "zstd":
      return [new ZstdFrames()];
    case "deflate":
      return readWhole(new InflateEither());
    default:
      return undefined;
  }
}

interface Decoder extends NodeJS.ReadWriteStream {
  /** What the decoder used of what it got. */
  readonly bytesWritten: number;
}

function readWhole(decoder: Decoder): NodeJS.ReadWriteStream[] {
  const meter = new Meter();
  const guard = new Transform({
    transform: (chunk: Buffer, _, done) => done(null, chunk),
    flush: (done) => done(findRest(decoder, meter.bytes)),
  });
  return [meter, decoder, guard];
}

function findRest({ bytesWritten }: Decoder, receivedBytes: number): MillraceError | null {
  if (bytesWritten === receivedBytes) return null;
  const rest = receivedBytes - bytesWritten;
  return new MillraceError("FORMAT_INVALID", `${rest} bytes follow the end of a compressed body`, {
    hint: "ask whoever runs the service, or send `accept-encoding: identity`",
  });
}

function unknownEncoding(exchange: string, got: string): MillraceError {
  return new MillraceError(
    "FORMAT_INVALID",
    `${exchange}: expected a content encoding of ${acceptedEncodings}, got: \`${got.slice(0, 100)}\``,
  );
}
