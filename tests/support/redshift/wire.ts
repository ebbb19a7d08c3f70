// Messages of the protocol of Postgres, version 3: a letter, a length that counts itself, and a body.
import type { Readable } from "node:stream";

export interface WireMessage {
  readonly type: string;
  readonly body: Buffer;
}

export function encodeMessage(type: string, body: Buffer | string): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(`${body}\0`) : body;
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

/** The text of a simple query. */
export function textOf({ body }: WireMessage): string {
  return body.toString("utf8", 0, body.length - 1);
}

/** Columns of a row as texts. */
export function parseRow({ body }: WireMessage): (string | null)[] {
  let at = 2;
  return Array.from({ length: body.readInt16BE(0) }, () => {
    const length = body.readInt32BE(at);
    at += 4;
    if (length < 0) return null;
    at += length;
    return body.toString("utf8", at - length, at);
  });
}

/** What a connection begins with has no letter. Several may come: a client asks for TLS first. */
export class WireReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** `undefined` at the end of the stream. */
  async startup(): Promise<Buffer | undefined> {
    const head = await this.#take(4);
    return head === undefined ? undefined : await this.#take(head.readInt32BE(0) - 4);
  }

  async message(): Promise<WireMessage | undefined> {
    const head = await this.#take(5);
    if (head === undefined) return undefined;
    const body = await this.#take(head.readInt32BE(1) - 4);
    return body === undefined ? undefined : { type: head.toString("latin1", 0, 1), body };
  }

  async #take(length: number): Promise<Buffer | undefined> {
    while (this.#rest.length < length) {
      const next = await this.#chunks.next().catch(() => ({ done: true as const, value: undefined }));
      if (next.done === true) return undefined;
      this.#rest = Buffer.concat([this.#rest, next.value]);
    }
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
}
