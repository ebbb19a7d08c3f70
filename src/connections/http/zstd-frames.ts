// A zstd body may be several frames (RFC 8878, section 3.1). Node's decoder drops what follows the end of a frame within one
// chunk, so that rest goes to a decoder of its own.
import { Transform, type TransformCallback } from "node:stream";
import { createZstdDecompress, type ZstdDecompress } from "node:zlib";

/** Decodes all frames. Fails when the last one was cut, and when what follows a frame is no other one. */
export class ZstdFrames extends Transform {
  #decoder: ZstdDecompress = this.#start();
  /** Of all that the decoder was given. */
  #givenBytes = 0;
  #chunk: Buffer = Buffer.alloc(0);
  #waiting: TransformCallback | undefined;

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#waiting = done;
    this.#feed(chunk);
  }

  override _flush(done: TransformCallback): void {
    this.#waiting = done;
    this.#decoder.end();
  }

  override _read(size: number): void {
    this.#decoder.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#decoder.destroy();
    done(error);
  }

  #feed(chunk: Buffer): void {
    const decoder = this.#decoder;
    this.#givenBytes += chunk.length;
    this.#chunk = chunk;
    decoder.write(chunk, () => {
      if (decoder === this.#decoder) this.#goOn();
    });
  }

  #goOn(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  // A decoder ends when it was told so, or by itself when it drops something.
  #onEnd(decoder: ZstdDecompress): void {
    const restBytes = this.#givenBytes - decoder.bytesWritten;
    if (restBytes === 0) return this.#goOn();
    this.#decoder = this.#start();
    this.#givenBytes = 0;
    this.#feed(this.#chunk.subarray(this.#chunk.length - restBytes));
  }

  #start(): ZstdDecompress {
    const decoder = createZstdDecompress();
    decoder.on("data", (part: Buffer) => {
      if (!this.push(part)) decoder.pause();
    });
    decoder.once("end", () => this.#onEnd(decoder));
    decoder.on("error", (error) => this.destroy(error));
    return decoder;
  }
}
