// The end of the way of a body: counts, refuses what is too large or was cut, and turns whatever went wrong before into an
// error that can be shown.
import { Transform, type TransformCallback } from "node:stream";
import { MillraceError } from "../../core/errors/errors.ts";
import { notePassed } from "../passed-buffers.ts";
import type { BodyLimits } from "./http-request.ts";
import { toTransportError } from "./transport-error.ts";

export interface BodyReaderOptions {
  readonly limits: BodyLimits | undefined;
  /** Method and masked address. */
  readonly exchange: string;
  readonly contentLength: number | undefined;
  /** How many bytes came from the network so far; `undefined` when these are the bytes themselves. */
  readonly receivedBytes: (() => number) | undefined;
  /** What to throw in the place of an error, when the exchange was stopped from outside. */
  readonly stopReason: () => unknown;
  /** Called once, at the end or when the body is given up. */
  readonly onEnd: () => void;
}

const defaultMaxBytes = 4 * 1024 ** 3;
const defaultMaxExpansion = 250;
/** Small bodies of many like rows shrink a lot and harm nobody. */
const harmlessBytes = 16 * 1024 ** 2;

/** Gives on what it gets. */
export class BodyReader extends Transform {
  bodyBytes = 0;
  readonly #options: BodyReaderOptions;
  readonly #maxBytes: number;
  readonly #maxExpansion: number;

  constructor(options: BodyReaderOptions) {
    super();
    this.#options = options;
    this.#maxBytes = options.limits?.maxBytes ?? defaultMaxBytes;
    this.#maxExpansion = options.limits?.maxExpansion ?? defaultMaxExpansion;
  }

  get receivedBytes(): number {
    return this.#options.receivedBytes?.() ?? this.bodyBytes;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.bodyBytes += chunk.length;
    notePassed(chunk.length);
    const excess = this.#findExcess();
    if (excess === undefined) done(null, chunk);
    else done(excess);
  }

  override _flush(done: TransformCallback): void {
    const { contentLength, exchange } = this.#options;
    if (contentLength === undefined || contentLength === this.receivedBytes) return done();
    const text = `expected \`${contentLength}\` bytes, got: \`${this.receivedBytes}\``;
    done(new MillraceError("RESPONSE_TRUNCATED", `${exchange}: ${text}`));
  }

  /** Whoever begins to read when it is too late gets what the stream was destroyed with, which is why that is made readable here. */
  override destroy(error?: Error | null): this {
    return super.destroy(error === undefined || error === null ? undefined : this.#toShown(error));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#options.onEnd();
    done(error === null ? null : this.#toShown(error));
  }

  #toShown(error: Error): Error {
    const { exchange, stopReason } = this.#options;
    const reason = stopReason();
    return reason instanceof Error ? reason : toTransportError(error, exchange, "body");
  }

  #findExcess(): MillraceError | undefined {
    const { exchange } = this.#options;
    if (this.bodyBytes > this.#maxBytes) {
      return new MillraceError(
        "RESPONSE_TOO_LARGE",
        `${exchange}: the body has more than \`${this.#maxBytes}\` bytes`,
        {
          hint: "ask for smaller pages, or raise `maxBytes`",
        },
      );
    }
    if (this.bodyBytes <= harmlessBytes || this.bodyBytes <= this.receivedBytes * this.#maxExpansion) return undefined;
    const text = `the body becomes more than ${this.#maxExpansion} times larger than what was sent`;
    return new MillraceError("RESPONSE_TOO_LARGE", `${exchange}: ${text}`, {
      hint: "such a body is made to fill memory or disks; if it is not, raise `maxExpansion`",
    });
  }
}
