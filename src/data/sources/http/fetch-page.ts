// One page: sent, judged by the rules, read, and tried again where that may help. What a try has read of it is taken back first.
import { setTimeout as sleep } from "node:timers/promises";
import type { HttpRequest } from "../../../connections/http/http-request.ts";
import type { HttpResponse } from "../../../connections/http/http-response.ts";
import { type ExchangeObserver, labelExchanges } from "../../../core/connection/exchange.ts";
import { parseDuration } from "../../../core/duration.ts";
import type { VariableValue, Variables } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import {
  findOutcome,
  findRule,
  matchesBody,
  needsBody,
  type ResponseOutcome,
  type ResponseRule,
  toResponseError,
} from "../../requests/response-rules.ts";
import { parseExactJson, printJson, toValuePath, valueAt } from "../../requests/value-path.ts";
import type { JournalEntry, RequestJournal } from "../../requests/request-journal.ts";
import type { NamedFormat } from "../format-registry.ts";
import type { PageRows, ReadPage } from "../page-rows.ts";
import { AddingPageRows } from "./added-columns.ts";
import { type HttpSourceOptions, isFilePages } from "./options.ts";
import type { PageClient } from "./page-client.ts";

export interface FetchContext {
  readonly options: HttpSourceOptions;
  readonly client: PageClient;
  readonly format: NamedFormat;
  readonly rows: PageRows;
  readonly variables: Variables;
  readonly signal: AbortSignal;
  readonly observer: ExchangeObserver | undefined;
  readonly now: () => number;
  readonly warn: (message: string) => void;
  /** Told of each answer that stood in for a service that failed. */
  readonly onStale: (ageMs: number) => void;
  /** Where requests are written down before they are sent. Default: they are not. */
  readonly journal: RequestJournal | undefined;
  /** Whether what came last is wanted, and is JSON whatever its content type says: of a request beside those for rows. Default: no. */
  readonly isStage?: boolean;
  /** An answer that is kept of this run is not asked for again. Default: it is. */
  readonly freshSinceMs?: number | undefined;
  /** Which try of the request this is. Default 1. */
  readonly attempt?: number;
  /** The origin that credentials of the source are for. Default: every one that is asked. */
  readonly ownOrigin?: string;
}

/** A page that was read, or what stands in its place. */
export type FetchedPage =
  | { readonly outcome: "success"; readonly page: ReadPage; readonly response: HttpResponse }
  /** An answer that a rule takes for nothing, or that a person has given up: the pages end. */
  | { readonly outcome: "empty" | "warn" | "skipUnit" | "givenUp" };

/** Pauses up to this length are waited for; longer ones give the worker back. */
const longestPauseMs = 60_000;
/** Of an answer whose body is only looked at by rules. */
const maxJudgedBytes = 1024 * 1024;

/**
 * @param name of the page for messages, such as `page 3`
 * @param entry the same in all attempts of the run, such as `batch 2`
 */
export async function fetchPage(
  request: HttpRequest,
  name: string,
  entry: string,
  context: FetchContext,
): Promise<FetchedPage> {
  const journaled = await context.journal?.open(request, entry);
  if (journaled?.adopted !== undefined) return await adopt(journaled, journaled.adopted, name, context);
  const fetched = await fetchOften(journaled?.request ?? request, name, context, journaled);
  // no try behind this: the rows are read
  await journaled?.answered();
  return fetched;
}

async function fetchOften(
  request: HttpRequest,
  name: string,
  context: FetchContext,
  journaled: JournalEntry | undefined,
): Promise<FetchedPage> {
  const { attempts = 5, wait = "1s" } = context.options.retry ?? {};
  for (let attempt = 1; ; attempt += 1) {
    try {
      const observer = labelExchanges(context.observer, { repeat: attempt - 1 });
      return await tryPage(request, name, { ...context, observer, attempt }, journaled);
    } catch (error) {
      context.rows.discard();
      context.signal.throwIfAborted();
      await journaled?.failed(error);
      const pauseMs = pauseBefore(error, attempt, parseDuration(wait));
      const mayTry = journaled !== undefined || mayResend(error, context.options);
      if (pauseMs === undefined || attempt >= attempts || !mayTry) throw error;
      await sleep(pauseMs, undefined, { signal: context.signal }).catch(() => context.signal.throwIfAborted());
    }
  }
}

/** The answer that an earlier attempt got. */
async function adopt(
  journaled: JournalEntry,
  answer: HttpResponse | "given up",
  name: string,
  context: FetchContext,
): Promise<FetchedPage> {
  if (answer === "given up") return { outcome: "givenUp" };
  try {
    return await judge(answer, name, context);
  } catch (error) {
    throw journaled.explain(error, answer);
  }
}

async function tryPage(
  request: HttpRequest,
  name: string,
  context: FetchContext,
  journaled: JournalEntry | undefined,
): Promise<FetchedPage> {
  const { client, variables, signal, observer, ownOrigin, isStage = false, attempt = 1, freshSinceMs } = context;
  const beforeSend = journaled && (() => journaled.beforeSend());
  const { cost } = context.options;
  const isForeign = ownOrigin !== undefined && new URL(request.url).origin !== ownOrigin;
  const answer = await client.send(request, {
    variables,
    signal,
    observer,
    beforeSend,
    isForeign,
    isUncached: isStage,
    // one that could not be read is asked for again
    freshSinceMs: attempt === 1 ? freshSinceMs : undefined,
    cost,
  });
  if (answer.cache?.isStale === true) context.onStale(answer.cache.ageMs);
  const response = journaled?.record(answer) ?? answer;
  try {
    const fetched = await judge(response, name, context);
    await journaled?.received();
    return fetched;
  } catch (error) {
    await journaled?.unreadable(error);
    throw error;
  } finally {
    response.body.destroy();
    answer.body.destroy();
  }
}

async function judge(response: HttpResponse, name: string, context: FetchContext): Promise<FetchedPage> {
  const { options } = context;
  // an answer that is read for its headers needs no body
  const bodyless: readonly ResponseRule[] =
    options.read?.headers === undefined ? [] : [{ status: 204, then: "success" }];
  const rules = [...(options.responses ?? []), ...bodyless];
  const isJudgedByBody = needsBody(rules, response);
  const first = isJudgedByBody ? undefined : findOutcome(rules, response, undefined);
  if (first === "success" || (isJudgedByBody && response.status < 300 && !isFilePages(context.format, options.read))) {
    return await readPage(response, name, rules, context);
  }
  const body = first === undefined ? await readJson(response) : undefined;
  const outcome = first ?? findOutcome(rules, response, body);
  if (outcome !== "rateLimited") return conclude(outcome, response, name, context);
  throw await pauseAll(findRule(rules, response, body), response, name, context);
}

/** A service that says in a body that it is asked too much gets nothing from anybody for a while, as one that says so in its headers. */
async function pauseAll(
  rule: ResponseRule | undefined,
  response: HttpResponse,
  name: string,
  { client, now, attempt = 1 }: FetchContext,
): Promise<MillraceError> {
  const failure = toFailure("rateLimited", response, `${name}, ${response.address}`, now());
  if (rule?.pause === undefined || failure.retryAfterMs !== undefined) return failure;
  const pauseMs = parseDuration(rule.pause) * 2 ** (attempt - 1);
  await client.pause?.(pauseMs);
  const { code, message, hint, details } = failure;
  return new MillraceError(code, message, {
    retryAfterMs: pauseMs,
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  });
}

async function readPage(
  response: HttpResponse,
  name: string,
  rules: readonly ResponseRule[],
  context: FetchContext,
): Promise<FetchedPage> {
  const { rows: reader } = context;
  if (context.isStage !== true) assertContentType(response, name, context);
  if (reader instanceof AddingPageRows) reader.variables = context.variables;
  const page = await reader.read(response, name);
  const outcome = needsBody(rules, response) ? findOutcome(rules, response, page.envelope) : "success";
  if (outcome === "success") {
    if (page.problem !== undefined) throw page.problem;
    assertReady(page, name, context.options);
    reader.keep();
    return { outcome, page, response };
  }
  reader.discard();
  return conclude(outcome, response, name, context);
}

/** @throws MillraceError `SOURCE_PENDING` while the service works, also when it says nothing; `REQUEST_REJECTED` when it has failed */
function assertReady({ envelope }: ReadPage, name: string, { ready }: HttpSourceOptions): void {
  if (ready === undefined || matchesBody(ready, envelope)) return;
  const found = valueAt(envelope, toValuePath(ready.path));
  const value = found === undefined ? "nothing" : `\`${printJson(found).slice(0, 100)}\``;
  if (ready.failed !== undefined && matchesBody({ path: ready.path, is: ready.failed }, envelope)) {
    throw new MillraceError("REQUEST_REJECTED", `${name}: the service has failed: \`${ready.path}\` is ${value}`, {
      hint: "look there for the reason, then run again from the job that starts the work",
    });
  }
  throw new MillraceError("SOURCE_PENDING", `${name}: the service is not done yet: \`${ready.path}\` is ${value}`);
}

/** A page of HTML with status 200 is no empty delivery; an answer without a content type is taken for what is read. */
function assertContentType(response: HttpResponse, name: string, { format, options }: FetchContext): void {
  const given = response.headers["content-type"];
  if (given === undefined) return;
  const type = (given.split(";")[0] ?? "").trim().toLowerCase();
  const { contentTypes = [] } = options.read ?? {};
  if (format.format.contentTypes[format.variant]?.test(type) === true) return;
  if (contentTypes.some((one) => one.toLowerCase() === type)) return;
  if (isFilePages(format, options.read) && type.endsWith("/octet-stream")) return;
  if (options.read?.codec !== undefined && packedTypes.test(type)) return;
  const message = `${name}, ${response.address}: expected the content type of ${format.variant}, got: \`${type}\``;
  throw new MillraceError("SOURCE_UNREADABLE", message, {
    hint: "look at what the service answers; if it is right, add the content type to `read.contentTypes`",
  });
}

/** Content types of what is packed, whatever is in it. */
const packedTypes = /^application\/(?:(?:x-)?(?:gzip|zip|zip-compressed|zstd|brotli|deflate|zlib)|pgp-encrypted)$/;

/** What follows from an answer that is no page. @throws MillraceError what it is, with the disposition that its outcome has */
function conclude(
  outcome: ResponseOutcome,
  response: HttpResponse,
  name: string,
  { warn, now }: FetchContext,
): FetchedPage {
  const what = `${name}, ${response.address}`;
  switch (outcome) {
    case "success":
      throw new MillraceError(
        "SOURCE_UNREADABLE",
        `${what}: the answer with status ${response.status} has no rows to read`,
        {
          hint: "let its rule say `warn` if it stands for an empty page",
        },
      );
    case "warn":
      warn(`${what}: an answer with status ${response.status} is taken for a page without rows`);
      return { outcome };
    case "empty":
    case "skipUnit":
      return { outcome };
    case "retry":
    case "rateLimited":
    case "refreshToken":
    case "fail":
      throw toFailure(outcome, response, what, now());
  }
}

/** The error of an answer; a rule may call a failure what its status does not. */
function toFailure(
  outcome: Exclude<ResponseOutcome, "success" | "empty" | "warn" | "skipUnit">,
  response: HttpResponse,
  what: string,
  nowMs: number,
): MillraceError {
  const found = toResponseError(response, what, nowMs);
  const code = {
    retry: "SERVICE_UNAVAILABLE",
    rateLimited: "RATE_LIMITED",
    refreshToken: "AUTHENTICATION_FAILED",
  } as const;
  const isFailing = outcome === "fail";
  if (isFailing && found.disposition !== "retry") return found;
  return new MillraceError(isFailing ? "REQUEST_REJECTED" : code[outcome], found.message, {
    details: { status: response.status },
    ...(found.hint === undefined ? {} : { hint: found.hint }),
    ...(found.retryAfterMs === undefined ? {} : { retryAfterMs: found.retryAfterMs }),
  });
}

/** How long to wait for another try here; `undefined` when there is none. */
function pauseBefore(error: unknown, attempt: number, waitMs: number): number | undefined {
  if (!(error instanceof MillraceError) || error.disposition !== "retry" || error.code === "SOURCE_PENDING")
    return undefined;
  const pauseMs = error.retryAfterMs ?? waitMs * 2 ** (attempt - 1);
  return pauseMs <= longestPauseMs ? pauseMs : undefined;
}

// An answer says that the request was not carried out; without one, nobody knows.
function mayResend(error: unknown, { method = "GET", retry }: HttpSourceOptions): boolean {
  if (error instanceof MillraceError && typeof error.details?.["status"] === "number") return true;
  return retry?.resend ?? !["POST", "PATCH"].includes(method);
}

/** The body of an answer that is no page, as JSON; `undefined` for anything else. */
async function readJson(response: HttpResponse): Promise<VariableValue | undefined> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    parts.push(part);
    bytes += part.length;
    if (bytes > maxJudgedBytes) return undefined;
  }
  try {
    return parseExactJson(new TextDecoder().decode(Buffer.concat(parts)));
  } catch {
    return undefined;
  }
}
