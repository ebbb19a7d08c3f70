// An answer whose headers are there and whose body is still to be read.
import type { Readable } from "node:stream";

export interface HttpTraffic {
  /** Bytes of the body as they were received, so far. */
  readonly receivedBytes: number;
  /** Bytes of the body as they were given on, so far. */
  readonly bodyBytes: number;
  /** From the start to the headers of the last answer. */
  readonly headersMs: number;
  /** From the start to the last byte from the network, or until now. */
  readonly durationMs: number;
}

export interface HttpResponse {
  /** Any status; whether it is a success is for the caller to say. */
  readonly status: number;
  /** By lower-case name; values of the same name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the answer came from, which redirects may have changed. It may hold secrets, unlike `address`. */
  readonly url: string;
  /** The same for messages and screens. */
  readonly address: string;
  /** Absent when the service has just given it; `isStale` when it could not say whether it still holds. */
  readonly cache?: { readonly isStale: boolean; readonly ageMs: number };
  /**
   * The decoded bytes. Fails with a MillraceError when the answer was cut, is corrupt or too large. Whoever does not read it to
   * the end destroys it, so that its socket is free.
   */
  readonly body: Readable;
  /**
   * False when the end of the connection is the end of the body. Then nobody can tell a whole body from a cut one, except
   * whoever knows what it should hold.
   */
  readonly isEndKnown: boolean;
  /** Resolves when no more bytes come from the network, whatever the reason, although they may not have been read yet. */
  readonly received: Promise<void>;
  /** What came so far; final at the end of the body. */
  traffic(): HttpTraffic;
}
