// Writes each exchange into a folder while it goes on: the answer passes through to whoever asked, and into a file, without ever
// being held as a whole. Secrets are masked before anything is written.
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { once } from "node:events";
import { pipeline, Transform, type TransformCallback } from "node:stream";
import { MillraceError } from "../../core/errors/errors.ts";
import type { ExchangeTape } from "../http/exchange-tape.ts";
import type { HttpResponse } from "../http/http-response.ts";
import {
  describeRequest,
  type RecordedExchange,
  type RecordedFailure,
  type RecordedRequest,
} from "./recorded-exchange.ts";
import { RecordedStarts } from "./reading-starts.ts";
import { type BodyMask, TapeMask } from "./tape-mask.ts";

/** Disposing it waits until everything is in its files. */
export interface ExchangeRecorder extends ExchangeTape, AsyncDisposable {
  /** Exchanges so far. */
  readonly count: number;
}

/** @param folder made when it is not there @throws MillraceError `USAGE_INVALID` for one that has something in it */
export async function recordExchanges(folder: string): Promise<ExchangeRecorder> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new MillraceError("USAGE_INVALID", `expected a folder that is empty or not there, got: \`${folder}\``, {
      hint: "recordings are not mixed; name another folder, or remove this one",
    });
  }
  return new Recorder(folder);
}

class Recorder implements ExchangeRecorder {
  readonly isPlayback = false;
  count = 0;
  readonly #folder: string;
  readonly #mask = new TapeMask();
  readonly #starts: RecordedStarts;
  readonly #writing = new Set<Promise<unknown>>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#starts = new RecordedStarts(folder);
  }

  onSecret(secret: string): void {
    this.#mask.add(secret);
  }

  startOfReading(job: string, now: string): string {
    this.#starts.add(job, now);
    return now;
  }

  async send(...[request, live]: Parameters<ExchangeTape["send"]>): Promise<HttpResponse> {
    this.count += 1;
    const number = String(this.count).padStart(4, "0");
    const described = describeRequest(request, this.#mask);
    const name = `${number}-${request.method}-${lastSegment(described)}`;
    const startedMs = performance.now();
    try {
      const response = await live();
      return this.#tee(response, described, name, startedMs);
    } catch (error) {
      await this.#write(name, { request: described, ...failureOf(error, this.#mask) });
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing);
  }

  #tee(response: HttpResponse, request: RecordedRequest, name: string, startedMs: number): HttpResponse {
    const bodyFile = `${name}.body${extensionOf(response)}`;
    const file = createWriteStream(join(this.#folder, bodyFile), { flags: "wx", mode: 0o600 });
    const tee = new BodyTee(file, this.#mask.body());
    const ended = Promise.withResolvers<void>();
    this.#track(ended.promise);
    const { status, headers, isEndKnown } = response;
    const finish = async (error: unknown): Promise<void> => {
      await tee.close();
      const isGivenUp = !(error instanceof MillraceError);
      const address = this.#mask.address(response.url);
      await this.#write(name, {
        request,
        response: {
          status,
          headers: this.#mask.responseHeaders(headers),
          ...(address === request.address ? {} : { address }),
          isEndKnown,
          body: bodyFile,
          bytes: tee.bytes,
          milliseconds: Math.round(performance.now() - startedMs),
          ...(isGivenUp ? {} : failureOf(error, this.#mask)),
        },
      });
    };
    pipeline(response.body, tee, (error) => void finish(error).then(ended.resolve, ended.reject));
    return { ...response, body: tee };
  }

  #write(name: string, exchange: RecordedExchange): Promise<void> {
    const text = `${JSON.stringify(exchange, undefined, 2)}\n`;
    return writeFile(join(this.#folder, `${name}.json`), text, { flag: "wx", mode: 0o600 });
  }

  #track(work: Promise<unknown>): void {
    const settled = work.catch(() => undefined).finally(() => this.#writing.delete(settled));
    this.#writing.add(settled);
  }
}

/** Gives every byte on, and writes it masked. Waits for the disk as for whoever reads. */
class BodyTee extends Transform {
  bytes = 0;
  readonly #file: WriteStream;
  readonly #mask: BodyMask;

  constructor(file: WriteStream, mask: BodyMask) {
    super();
    this.#file = file;
    this.#mask = mask;
    file.on("error", (error) => this.destroy(error));
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    if (this.#file.write(this.#mask.write(chunk))) done(null, chunk);
    else this.#file.once("drain", () => done(null, chunk));
  }

  async close(): Promise<void> {
    this.#file.end(this.#mask.end());
    if (!this.#file.closed) await once(this.#file, "close");
  }
}

function failureOf(error: unknown, mask: TapeMask): { readonly failure?: RecordedFailure } {
  if (!(error instanceof MillraceError)) return {};
  return { failure: { code: error.code, message: mask.text(error.message) } };
}

function lastSegment({ address }: RecordedRequest): string {
  const { pathname } = new URL(address);
  const segment = pathname.split("/").findLast((part) => part !== "") ?? "root";
  return segment.replaceAll(/[^\w.-]+/g, "_").slice(0, 60);
}

function extensionOf({ headers }: HttpResponse): string {
  const type = (headers["content-type"] ?? "").toLowerCase();
  const [, extension = ""] = /(json|csv|xml|html|plain)/.exec(type) ?? [];
  return extension === "" ? "" : `.${extension === "plain" ? "txt" : extension}`;
}
