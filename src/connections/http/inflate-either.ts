// The encoding `deflate` is zlib's form by the specification, and the bare form by the habit of some services. The first two
// bytes tell them apart.
import { Transform, type TransformCallback } from "node:stream";
import { createInflate, createInflateRaw, type Inflate } from "node:zlib";

/** Inflates both forms. */
export class InflateEither extends Transform {
  #head: Buffer = Buffer.alloc(0);
  #inflate: Inflate | undefined;
  #isOver = false;
  /** Told when the decoder is ready for more, or has come to the end of its data. */
  #waiting: TransformCallback | undefined;

  /** What was used of what came. */
  get bytesWritten(): number {
    return this.#inflate?.bytesWritten ?? 0;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    if (this.#inflate !== undefined) return this.#write(this.#inflate, chunk, done);
    this.#head = Buffer.concat([this.#head, chunk]);
    if (this.#head.length < 2) return done();
    this.#write(this.#start(), this.#head, done);
  }

  override _flush(done: TransformCallback): void {
    if (this.#isOver) return done();
    // What is too short for a header is left to the decoder, which says that it ends too early.
    const head = this.#inflate === undefined ? this.#head : undefined;
    const inflate = this.#inflate ?? this.#start();
    this.#waiting = done;
    inflate.end(head);
  }

  override _read(size: number): void {
    this.#inflate?.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inflate?.destroy();
    done(error);
  }

  // A decoder that has come to its end calls nobody back, and what else comes is not its own.
  #write(inflate: Inflate, chunk: Buffer, done: TransformCallback): void {
    if (this.#isOver) return done();
    this.#waiting = done;
    inflate.write(chunk, () => this.#goOn());
  }

  #goOn(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  #start(): Inflate {
    const inflate: Inflate = isZlib(this.#head) ? createInflate() : createInflateRaw();
    inflate.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) inflate.pause();
    });
    inflate.once("end", () => {
      this.#isOver = true;
      this.#goOn();
    });
    inflate.on("error", (error) => this.destroy(error));
    this.#inflate = inflate;
    return inflate;
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc1950 section 2.2 */
function isZlib(head: Buffer): boolean {
  return head.length >= 2 && ((head[0] ?? 0) & 0x0f) === 8 && head.readUInt16BE(0) % 31 === 0;
}
