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
  /** Its body can be destroyed; whoever has given the answer destroys that of the service. */
  readonly response: HttpResponse;
  readonly #source: Readable;
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;
  #isWhole = false;

  constructor(response: HttpResponse) {
    this.#source = response.body;
    // Who cannot read the answer destroys its body, and the rest of it is still wanted.
    const parts = response.body.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Uint8Array>;
    this.response = { ...response, body: Readable.from(this.#read(parts), { objectMode: false }) };
  }

  /**
   * The whole answer. Its body is left out when it is large, or has a secret in it.
   * @param headers that are kept, in lower case
   */
  async finish(headers: readonly string[], redact: (text: string) => string): Promise<RequestAnswer> {
    const { status, body, headers: given } = this.response;
    if (!body.destroyed) await finished(body.resume());
    else await this.#readRest(body);
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

  /** What somebody who gave up has not read, unless it is too large to be kept. */
  async #readRest(body: Readable): Promise<void> {
    // only then nobody takes parts any more; who gave up may have left an error
    await finished(body).catch(() => undefined);
    this.#isWhole ||= this.#source.readableEnded;
    if (this.#isWhole) return;
    const rest = this.#read(this.#source as AsyncIterable<Uint8Array>);
    while (this.#bytes <= maxBytes && (await rest.next()).done !== true);
  }

  async *#read(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of parts) {
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
