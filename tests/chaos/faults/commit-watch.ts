// Reads the Postgres protocol of one connection from between client and server, to tell the moment at which a commit
// has gone through and its answer has not yet reached the client.

/** An answer of the server, whole up to its `ReadyForQuery`, or bytes that belong to none. */
export interface WatchedAnswer {
  readonly bytes: Buffer;
  /** What was committed, as its statements; `undefined` when the answer committed nothing. */
  readonly committed: string | undefined;
}

/** Holds each answer back until it is whole. Understands connections without TLS. */
export class CommitWatch {
  readonly #statements = new Map<string, string>();
  readonly #asked: string[] = [];
  #request: Buffer = Buffer.alloc(0);
  #answer: Buffer = Buffer.alloc(0);
  #held: Buffer[] = [];
  #tags: string[] = [];
  #text = "";
  #transaction = "";
  #isStarted = false;
  #isReady = false;

  /** Bytes from the client; they may be passed on at once. */
  request(chunk: Buffer): void {
    this.#request = Buffer.concat([this.#request, chunk]);
    if (!this.#isStarted) {
      // The first message has a length and no type.
      if (this.#request.length < 4 || this.#request.length < this.#request.readInt32BE(0)) return;
      this.#request = this.#request.subarray(this.#request.readInt32BE(0));
      this.#isStarted = true;
    }
    for (let message = takeMessage(this.#request); message !== undefined; message = takeMessage(this.#request)) {
      this.#request = message.rest;
      this.#readRequest(message.type, message.body);
    }
  }

  /** Bytes from the server, cut into what may be passed on. */
  answer(chunk: Buffer): WatchedAnswer[] {
    this.#answer = Buffer.concat([this.#answer, chunk]);
    const answers: WatchedAnswer[] = [];
    for (let message = takeMessage(this.#answer); message !== undefined; message = takeMessage(this.#answer)) {
      this.#answer = message.rest;
      this.#held.push(message.bytes);
      if (message.type === "C") this.#tags.push(message.body.toString("utf8", 0, message.body.length - 1));
      if (message.type === "Z") answers.push(this.#endAnswer(message.body.toString("latin1")));
      // Before the first query is answered the two sides take turns; notifications come when nothing was asked.
      else if (!this.#isReady || this.#asked.length === 0) answers.push(this.#release(undefined));
    }
    return answers;
  }

  #readRequest(type: string, body: Buffer): void {
    if (type === "Q") {
      this.#asked.push(cString(body, 0).text);
    } else if (type === "P") {
      const name = cString(body, 0);
      const { text } = cString(body, name.end);
      this.#statements.set(name.text, text);
    } else if (type === "B") {
      const statement = cString(body, cString(body, 0).end);
      this.#text += `${this.#statements.get(statement.text) ?? ""};`;
    } else if (type === "S") {
      this.#asked.push(this.#text);
      this.#text = "";
    }
  }

  #endAnswer(status: string): WatchedAnswer {
    const asked = this.#isReady ? (this.#asked.shift() ?? "") : "";
    this.#isReady = true;
    this.#transaction += `${asked};`;
    const isCommit = status === "I" && this.#tags.length > 0 && didWrite(this.#tags, asked);
    const answer = this.#release(isCommit ? this.#transaction : undefined);
    if (status === "I") this.#transaction = "";
    return answer;
  }

  #release(committed: string | undefined): WatchedAnswer {
    const bytes = Buffer.concat(this.#held);
    this.#held = [];
    this.#tags = [];
    return { bytes, committed };
  }
}

// A statement outside of a transaction commits by itself; one that changed nothing commits nothing.
function didWrite(tags: readonly string[], asked: string): boolean {
  if (tags.includes("COMMIT")) return true;
  if (tags.some((tag) => /^(INSERT 0|UPDATE|DELETE|MERGE) [1-9]/.test(tag))) return true;
  return tags.some((tag) => tag.startsWith("SELECT")) && /\b(insert\s+into|update|delete\s+from)\s+\w/i.test(asked);
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
  readonly bytes: Buffer;
  readonly rest: Buffer;
}

function takeMessage(buffer: Buffer): Message | undefined {
  if (buffer.length < 5) return undefined;
  const end = 1 + buffer.readInt32BE(1);
  if (buffer.length < end) return undefined;
  return {
    type: String.fromCharCode(buffer.readUInt8(0)),
    body: buffer.subarray(5, end),
    bytes: buffer.subarray(0, end),
    rest: buffer.subarray(end),
  };
}

function cString(buffer: Buffer, start: number): { text: string; end: number } {
  const zero = buffer.indexOf(0, start);
  return { text: buffer.toString("utf8", start, zero), end: zero + 1 };
}
