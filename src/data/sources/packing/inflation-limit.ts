// Stops a packed file that grows without end: a small one may stand for more bytes than all disks have.
import { Transform, type TransformCallback } from "node:stream";
import { MillraceError } from "../../../core/errors/errors.ts";

/** How much may come out of packed files. */
export interface InflationLimits {
  /** Of all files together. */
  readonly maxBytes: number;
  /** Bytes that come out for one that goes in, of each file, asked when many have come out. */
  readonly maxRatio: number;
}

/** A compressor makes a thousand times less of the most even of tables. */
export const usualLimits: InflationLimits = { maxBytes: 64e9, maxRatio: 1000 };

/** Below this nothing is a bomb. */
const freeBytes = 64e6;

/** Counts what comes out of the files of a source. */
export class InflationLimit {
  readonly #limits: InflationLimits;
  #totalBytes = 0;

  constructor(limits: InflationLimits = usualLimits) {
    this.#limits = limits;
  }

  /** @param name of the file @param packedBytes that it had so far, of which `bytes` came out, `added` of them now */
  count(name: string, packedBytes: number, bytes: number, added: number): void {
    this.#totalBytes += added;
    const { maxBytes, maxRatio } = this.#limits;
    if (this.#totalBytes > maxBytes) {
      throw bomb(name, `more than ${maxBytes} bytes come out of the files of the source`, "unpack.maxBytes");
    }
    if (bytes > Math.min(freeBytes, maxBytes / 10) && bytes > packedBytes * maxRatio) {
      throw bomb(name, `more than ${maxRatio} bytes come out for each that is packed`, "unpack.maxRatio");
    }
  }

  /** A stage behind that which unpacks. @param packedBytes how many bytes have gone in so far */
  stage(name: string, packedBytes: () => number): Transform {
    let bytes = 0;
    return new Transform({
      transform: (chunk: Buffer, _: BufferEncoding, done: TransformCallback) => {
        bytes += chunk.length;
        try {
          this.count(name, packedBytes(), bytes, chunk.length);
          done(null, chunk);
        } catch (error) {
          done(error as Error);
        }
      },
    });
  }
}

function bomb(name: string, problem: string, option: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `unpacking \`${name}\`: ${problem}`, {
    hint: `look at the file before it is unpacked elsewhere; if it is right, raise \`${option}\` of the source`,
  });
}
