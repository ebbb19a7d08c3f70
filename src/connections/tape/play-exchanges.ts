// Answers requests out of a folder of recorded exchanges. Nothing is sent: a request that was not recorded is an error.
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, pipeline } from "node:stream";
import { type ErrorCode, errorCodes } from "../../core/errors/error-codes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { ExchangeTape } from "../http/exchange-tape.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { maskAddress } from "../http/mask-address.ts";
import { toAddress } from "../http/to-address.ts";
import {
  describeRequest,
  isSameRequest,
  type RecordedExchange,
  recordedExchangeSchema,
  type RecordedFailure,
  type RecordedRequest,
  type RecordedResponse,
} from "./recorded-exchange.ts";
import { type PlayedStarts, readStarts } from "./reading-starts.ts";
import { TapeMask } from "./tape-mask.ts";

export interface ExchangePlayer extends ExchangeTape {
  /** Recorded requests that nobody has asked for, as `GET https://…`. */
  unused(): readonly string[];
}

/** @throws MillraceError `USAGE_INVALID` for a folder without exchanges, `FORMAT_INVALID` naming the file that is none */
export async function playExchanges(folder: string): Promise<ExchangePlayer> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /^\d+-[A-Z]+-.*\.json$/.test(name) && !name.endsWith(".body.json")).toSorted();
  if (files.length === 0) {
    throw new MillraceError("USAGE_INVALID", `expected a folder of recorded exchanges, got: \`${folder}\``, {
      hint: "`millrace run <job> --record <folder>` makes one",
    });
  }
  const exchanges = await Promise.all(files.map((file) => readExchange(folder, file)));
  return new Player(folder, exchanges, await readStarts(folder));
}

async function readExchange(folder: string, file: string): Promise<RecordedExchange> {
  try {
    return recordedExchangeSchema.parse(JSON.parse(await readFile(join(folder, file), "utf8")));
  } catch (cause) {
    throw new MillraceError("FORMAT_INVALID", `\`${file}\` is no recorded exchange`, { cause });
  }
}

/** Same requests in the order in which they were answered. */
interface Series {
  readonly request: RecordedRequest;
  readonly exchanges: readonly RecordedExchange[];
  played: number;
}

class Player implements ExchangePlayer {
  readonly isPlayback = true;
  readonly #folder: string;
  readonly #series: Series[];
  readonly #starts: PlayedStarts;
  readonly #mask = new TapeMask();

  constructor(folder: string, exchanges: readonly RecordedExchange[], starts: PlayedStarts) {
    this.#folder = folder;
    this.#series = toSeries(exchanges);
    this.#starts = starts;
  }

  onSecret(secret: string): void {
    this.#mask.add(secret);
  }

  startOfReading(job: string, now: string): string {
    return this.#starts.next(job) ?? now;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    const wanted = describeRequest(request, this.#mask);
    const series = this.#series.find((known) => isSameRequest(known.request, wanted));
    if (series === undefined) throw this.#missing(wanted);
    // whoever asks more often than the recorded run gets the last answer again
    const found = series.exchanges[Math.min(series.played, series.exchanges.length - 1)];
    series.played += 1;
    if (found?.response === undefined) throw toError(found?.failure);
    return toResponse(found.response, request, join(this.#folder, found.response.body));
  }

  unused(): readonly string[] {
    return this.#series.filter(({ played }) => played === 0).map(({ request }) => nameOf(request));
  }

  #missing(wanted: RecordedRequest): MillraceError {
    const nearest = this.#series
      .map(({ request }) => ({ request, shared: sharedLength(nameOf(request), nameOf(wanted)) }))
      .reduce((best, one) => (one.shared > best.shared ? one : best));
    const isBody = nameOf(nearest.request) === nameOf(wanted);
    const near = isBody ? "the same address with another body" : `\`${nameOf(nearest.request)}\``;
    return new MillraceError(
      "EXCHANGE_MISSING",
      `no recorded exchange answers \`${nameOf(wanted)}\`; the nearest is ${near}`,
      {
        hint: `look into \`${this.#folder}\`, or record the run anew; a job with a watermark asks from where that stands: \`--full-refresh\` plays what a first run or \`--full-refresh\` recorded, and after \`millrace state rewind\` to where the recorded run began any recording plays`,
      },
    );
  }
}

function toSeries(exchanges: readonly RecordedExchange[]): Series[] {
  const series: { request: RecordedRequest; exchanges: RecordedExchange[]; played: number }[] = [];
  for (const exchange of exchanges) {
    const known = series.find(({ request }) => isSameRequest(request, exchange.request));
    if (known === undefined) series.push({ request: exchange.request, exchanges: [exchange], played: 0 });
    else known.exchanges.push(exchange);
  }
  return series.map((one) => ({ ...one, exchanges: withoutRepeated(one.exchanges) }));
}

/** What was asked for again at once, after a pause or with another token, is played as if that had not been needed. */
function withoutRepeated(exchanges: readonly RecordedExchange[]): readonly RecordedExchange[] {
  const isAskedAgain = ({ response }: RecordedExchange): boolean =>
    response === undefined || [401, 408, 425, 429].includes(response.status) || response.status >= 500;
  return exchanges.filter((exchange, index) => index === exchanges.length - 1 || !isAskedAgain(exchange));
}

function toResponse(recorded: RecordedResponse, request: HttpRequest, file: string): HttpResponse {
  const { status, headers, address, isEndKnown, bytes, milliseconds, failure } = recorded;
  const asked = toAddress(request);
  const body = new PassThrough();
  body.on("error", ignore);
  pipeline(readBody(file, failure), body, ignore);
  return {
    status,
    headers,
    url: address ?? asked.href,
    address: maskAddress(address ?? asked, request.secretParameters),
    body,
    isEndKnown,
    received: Promise.resolve(),
    traffic: () => ({ receivedBytes: bytes, bodyBytes: bytes, headersMs: 0, durationMs: milliseconds }),
  };
}

async function* readBody(file: string, failure: RecordedFailure | undefined): AsyncGenerator<Buffer> {
  yield* createReadStream(file) as AsyncIterable<Buffer>;
  if (failure !== undefined) throw toError(failure);
}

function toError(failure: RecordedFailure | undefined): MillraceError {
  const { code = "", message = "no answer was recorded" } = failure ?? {};
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : "CONNECTION_FAILED";
  return new MillraceError(known, message);
}

function nameOf({ method, address }: RecordedRequest): string {
  return `${method} ${address}`;
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

function ignore(): void {}
