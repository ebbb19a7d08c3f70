// Gives `COPY … FROM STDIN` rows in the messages in which another server has sent them.
import type { Socket } from "node:net";
import { Writable } from "node:stream";
import type { Connection, Submittable } from "pg";

/** Takes what `CopyFramesOut` gives. */
export class CopyFramesIn extends Writable implements Submittable {
  /** As the server counts them; known at the end. */
  rowCount = 0;
  readonly #sql: string;
  #socket: Socket | undefined;
  #isReady = false;
  /** Called when the server takes rows. */
  #whenReady: (() => void) | undefined;
  #whenDone: ((error?: Error | null) => void) | undefined;

  constructor(sql: string) {
    super({ highWaterMark: 256 * 1024 });
    this.#sql = sql;
  }

  submit(connection: Connection): void {
    this.#socket = connection.stream as Socket;
    connection.query(this.#sql);
  }

  override _write(frames: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#ready(() => {
      if (this.#socket?.write(frames) === false) this.#socket.once("drain", () => done());
      else done();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#whenDone = done;
    this.#ready(() => this.#socket?.write(copyDone));
  }

  /** A message may be cut, and what came behind it would be taken for its rest. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (error !== null) this.#socket?.destroy();
    done(error);
  }

  handleCopyInResponse(): void {
    this.#isReady = true;
    this.#whenReady?.();
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.rowCount = Number(/^COPY (\d+)/.exec(text)?.[1]);
  }

  handleReadyForQuery(): void {
    this.#whenDone?.();
  }

  handleError(error: Error): void {
    this.destroy(error);
  }

  #ready(work: () => void): void {
    if (this.#isReady) work();
    else this.#whenReady = work;
  }
}

const copyDone = Buffer.from([0x63, 0, 0, 0, 4]);
