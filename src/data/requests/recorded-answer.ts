// Answers that are kept for later attempts: taken down while they are read, and given back as if they came from the service.
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import type { HttpRequest } from "../../connections/http/http-request.ts";
import type { HttpResponse } from "../../connections/http/http-response.ts";
import { maskAddress } from "../../connections/http/mask-address.ts";
import type { RequestAnswer } from "../../core/connection/request-ledger.ts";

/** Larger answers are not kept. */
const maxBytes = 16 * 1024 ** 2;
/** In the store, as base64. */
const maxKeptLength = 4 * 1024 ** 2;

/** Takes an answer down while somebody reads it. */
export class AnswerRecorder {
  readonly response: HttpResponse;
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;
  #isWhole = false;

  constructor(response: HttpResponse) {
    const body = Readable.from(this.#read(response.body), { objectMode: false });
    body.once("close", () => response.body.destroy());
    this.response = { ...response, body };
  }

  /**
   * The whole answer. Its body is left out when it is large, or has a secret in it.
   * @param headers that are kept, in lower case
   */
  async finish(headers: readonly string[], redact: (text: string) => string): Promise<RequestAnswer> {
    const { status, body, headers: given } = this.response;
    if (!body.destroyed) await finished(body.resume());
    const kept = Object.fromEntries(
      headers.flatMap((name) => (given[name] === undefined ? [] : [[name, redact(given[name])]])),
    );
    return { status, headers: kept, body: this.#keep(redact) };
  }

  #keep(redact: (text: string) => string): string | undefined {
    if (!this.#isWhole || this.#bytes > maxBytes) return undefined;
    const bytes = Buffer.concat(this.#parts);
    const text = bytes.toString("latin1");
    if (redact(text) !== text) return undefined;
    const packed = gzipSync(bytes).toString("base64");
    return packed.length > maxKeptLength ? undefined : packed;
  }

  async *#read(body: Readable): AsyncGenerator<Uint8Array> {
    for await (const part of body as AsyncIterable<Uint8Array>) {
      this.#bytes += part.length;
      if (this.#bytes <= maxBytes) this.#parts.push(part);
      else this.#parts.length = 0;
      yield part;
    }
    this.#isWhole = true;
  }
}

/** The answer as it came, with the address of the request. */
export function toResponse(request: HttpRequest, { status, headers, body }: RequestAnswer): HttpResponse {
  const bytes = gunzipSync(Buffer.from(body ?? "", "base64"));
  return {
    status,
    headers,
    url: request.url,
    address: maskAddress(request.url, request.secretParameters),
    body: Readable.from(bytes.length === 0 ? [] : [bytes], { objectMode: false }),
    isEndKnown: true,
    received: Promise.resolve(),
    traffic: () => ({ receivedBytes: bytes.length, bodyBytes: bytes.length, headersMs: 0, durationMs: 0 }),
  };
}
