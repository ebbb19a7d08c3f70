// Rows of `COPY … TO STDOUT` in the messages in which they come, so that they can go on to another server as they are: nothing is made
// of a row. Only the ends of messages are looked for, to see where the rows end.
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { Connection, Submittable } from "pg";
import { notePassed } from "../passed-buffers.ts";

/** @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY */
export class CopyFramesOut extends Readable implements Submittable {
  /** As the server counts them; known at the end. */
  rowCount = 0;
  readonly #sql: string;
  readonly #explain: (error: unknown) => unknown;
  #socket: Socket | undefined;
  /** The driver's own reader, which waits while rows come. */
  #driver: ((bytes: Buffer) => void) | undefined;
  /** Begin of a message whose length has not come. */
  #head: Buffer = nothing;
  /** Bytes of the message under way that have not come. */
  #missing = 0;
  #isRow = false;

  /** @param explain makes what is shown of an error of the driver */
  constructor(sql: string, explain: (error: unknown) => unknown) {
    super({ highWaterMark: 256 * 1024 });
    this.#sql = sql;
    this.#explain = explain;
  }

  submit(connection: Connection): void {
    const socket = connection.stream as Socket;
    const [driver] = socket.listeners("data") as ((bytes: Buffer) => void)[];
    [this.#socket, this.#driver] = [socket, driver];
    if (driver !== undefined) socket.off("data", driver);
    socket.on("data", this.#take);
    connection.query(this.#sql);
  }

  override _read(): void {
    this.#socket?.resume();
  }

  /** A connection in the middle of rows is of no use to anybody. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket?.destroy();
    done(error);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.rowCount = Number(/^COPY (\d+)/.exec(text)?.[1]);
  }

  handleReadyForQuery(): void {
    this.push(null);
  }

  handleError(error: Error): void {
    const shown = this.#explain(error);
    this.destroy(shown instanceof Error ? shown : error);
  }

  readonly #take = (chunk: Buffer): void => {
    notePassed(chunk.length);
    const bytes = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    this.#head = nothing;
    let at = Math.min(this.#missing, bytes.length);
    this.#missing -= at;
    let start = this.#isRow ? 0 : -1;
    while (at < bytes.length) {
      if (bytes.length - at < headBytes) {
        this.#head = bytes.subarray(at);
        break;
      }
      const code = bytes[at] ?? 0;
      this.#isRow = code === copyData;
      if (!this.#isRow) {
        this.#give(bytes, start, at);
        start = -1;
        if (!besideRows.has(code)) return this.#end(bytes.subarray(code === copyDone ? at + headBytes : at));
      } else if (start < 0) start = at;
      const next = at + 1 + bytes.readUInt32BE(at + 1);
      this.#missing = Math.max(0, next - bytes.length);
      at = Math.min(next, bytes.length);
    }
    this.#give(bytes, start, at);
  };

  #give(bytes: Buffer, start: number, end: number): void {
    if (start < 0 || end === start) return;
    if (!this.push(bytes.subarray(start, end))) this.#socket?.pause();
  }

  /** The driver reads on: how many rows there were, or what went wrong. */
  #end(rest: Buffer): void {
    const [socket, driver] = [this.#socket, this.#driver];
    this.#socket = undefined;
    socket?.off("data", this.#take);
    if (driver === undefined) return;
    socket?.on("data", driver);
    driver(rest);
  }
}

const nothing = Buffer.alloc(0);
/** Code and length. */
const headBytes = 5;
const copyData = 0x64;
const copyDone = 0x63;
/** The answer to the statement, and what a server may say at any time: parameters, notices, notifications. */
const besideRows: ReadonlySet<number> = new Set([0x48, 0x53, 0x4e, 0x41]);
