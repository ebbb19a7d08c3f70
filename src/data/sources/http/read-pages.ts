// All pages of a unit, one after the other. A unit that a rule skips takes back what it has read.
import type { HttpRequest } from "../../../connections/http/http-request.ts";
import { labelExchanges } from "../../../core/connection/exchange.ts";
import type { KnownRows } from "../../../core/dataset/source.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { findMore } from "../../requests/more-pages.ts";
import type { PageFacts, PageRequest } from "../../requests/paginator.ts";
import type { SendingFiles } from "../../requests/sent-files.ts";
import { type FetchContext, type FetchedPage, fetchPage } from "./fetch-page.ts";
import { type KeySource, readKeyBatches } from "./key-batches.ts";
import { filesOf, openPages } from "./prepare-requests.ts";
import { isGone } from "./remote-job.ts";
import type { RemoteJobs } from "./remote-jobs.ts";
import type { RequestTemplate } from "./request-template.ts";
import type { RowWatch } from "./row-watch.ts";

export interface ReadPagesInput extends FetchContext {
  readonly request: RequestTemplate;
  readonly watch: RowWatch | undefined;
  readonly secretScopes: readonly string[];
  /** Names the unit in messages; empty when there is one alone. */
  readonly unit: string;
  /** Rows of the unit that were read before. */
  readonly known: KnownRows | undefined;
  readonly operation: (text: string) => void;
  readonly where: string;
  /** Where files that requests carry are looked for and copied to. */
  readonly sending: Pick<SendingFiles, "root" | "spool">;
  /** No further page is asked for when so many rows came. Default: all. */
  readonly rowsWanted?: number;
  /** Where each unit has results of a remote job, whose pages are read one after the other. Default: it has pages of its own. */
  readonly remote?: RemoteJobs | undefined;
  /** Where requests carry keys that are listed first, the pages of each batch of keys are read one after the other. */
  readonly keys?: KeySource | undefined;
}

/** How the pages of a unit ended: all of them were read, or what stands in the place of one. */
type PagesEnd = "read" | "skipped" | "givenUp";

export interface ReadUnit {
  readonly end: PagesEnd;
  /** Also those that were left out, because they were read before. */
  readonly rows: number;
  /** The greatest value of the watched field, and the rows that have it. */
  readonly maximum: RowWatch["maximum"];
  readonly newest: KnownRows | undefined;
}

/** @throws MillraceError naming the page */
export async function readPages(input: ReadPagesInput): Promise<ReadUnit> {
  const { watch, unit, known, variables, where, remote, rowsWanted = Infinity } = input;
  watch?.beginUnit(variables, where, known);
  const prefix = unit === "" ? "" : `unit \`${unit}\`, `;
  if (input.keys !== undefined) {
    const { end, rows } = await readByKeys(input, input.keys, prefix);
    return conclude(end, rows, watch);
  }
  if (remote === undefined) {
    const { end, rows } = await readOne(input, prefix);
    return conclude(end, rows, watch);
  }
  const { variables: results, ownOrigin } = remote.resultsOf(unit);
  let rows = 0;
  for (const [index, own] of results.entries()) {
    const name = results.length === 1 ? prefix : `${prefix}result ${index + 1}, `;
    const result = { ...input, variables: own, ownOrigin, rowsWanted: rowsWanted - rows };
    const read = await readResult(result, name, remote);
    if (read.end !== "read") return conclude(read.end, rows, watch);
    rows += read.rows;
    if (rows >= rowsWanted) break;
  }
  return conclude("read", rows, watch);
}

/** The rows of all keys of a unit. */
async function readByKeys(input: ReadPagesInput, keys: KeySource, prefix: string): Promise<ReadRows> {
  const { variables, rowsWanted = Infinity } = input;
  let rows = 0;
  for await (const batch of readKeyBatches(keys, prefix, input)) {
    if (batch.end === "skipped") return { end: "skipped", rows };
    const own = { ...variables, keys: batch.variables };
    const read = await readOne(
      { ...input, variables: own, rowsWanted: rowsWanted - rows },
      `${prefix}batch ${batch.number}, `,
    );
    if (read.end !== "read") return { end: read.end, rows };
    rows += read.rows;
    if (rows >= rowsWanted) break;
  }
  return { end: "read", rows };
}

/** All pages of one result. */
async function readResult(input: ReadPagesInput, prefix: string, remote: RemoteJobs): Promise<ReadRows> {
  try {
    return await readOne(input, prefix);
  } catch (error) {
    if (isGone(error)) return await remote.expire(input.unit);
    throw error;
  }
}

type ReadRows = Pick<ReadUnit, "end" | "rows">;

/** @param prefix of the names of pages */
async function readOne(input: ReadPagesInput, prefix: string): Promise<ReadRows> {
  const { options, watch, operation, rowsWanted = Infinity } = input;
  const paginator = openPages(options);
  let rows = 0;
  let request: PageRequest | undefined = paginator.first();
  for (;;) {
    const name = `${prefix}page ${request.number}`;
    operation(`reading ${name}`);
    const fetched = await fetchOne(input, request, name);
    if (fetched.outcome !== "success") return { end: ends[fetched.outcome], rows };
    rows += fetched.page.kept;
    watch?.endPage();
    if (rows >= rowsWanted) return { end: "read", rows };
    const facts = toFacts(fetched, watch);
    if (readsOnePage(options)) tellMore(facts, input);
    const next = follow(() => paginator.next(facts), prefix);
    if (next === undefined) return { end: "read", rows };
    request = next;
  }
}

const ends = { empty: "read", warn: "read", skipUnit: "skipped", givenUp: "givenUp" } as const;

/** A document that is one row has nothing beside it. */
function readsOnePage({ pagination, read }: ReadPagesInput["options"]): boolean {
  return (pagination?.kind ?? "none") === "none" && read?.rows !== ".";
}

function tellMore(facts: PageFacts, { warn }: ReadPagesInput): void {
  const sign = findMore(facts);
  if (sign !== undefined)
    warn(`${sign} of an answer says that there are more rows, and the source has no \`pagination\``);
}

function conclude(end: PagesEnd, kept: number, watch: RowWatch | undefined): ReadUnit {
  return {
    end,
    rows: kept + (watch?.unitKnown ?? 0),
    maximum: watch?.unitMaximum,
    newest: watch?.unitNewest,
  };
}

async function fetchOne(input: ReadPagesInput, page: PageRequest, name: string): Promise<FetchedPage> {
  const { request, secretScopes, unit, options, signal } = input;
  await using sent = await filesOf(options, input.variables, { ...input.sending, signal });
  const { files } = sent;
  const variables = { ...sent.variables, ...input.variables, page: page.variables };
  const rendered = request.render({ page, variables, secretScopes, files });
  assertOwn(rendered, name, input);
  const labels = { page: page.number, ...(unit === "" ? {} : { unit }) };
  const observer = labelExchanges(input.observer, labels);
  return await fetchPage(rendered, name, nameEntry(input, page), { ...input, variables, observer });
}

/** Where results are is said by the service, which must not lead the run elsewhere; a connection looks at that by itself. */
function assertOwn({ url }: HttpRequest, name: string, { ownOrigin, options }: ReadPagesInput): void {
  const { origin } = new URL(url);
  const { connection, origins = [] } = options;
  if (ownOrigin === undefined || connection !== undefined || origin === ownOrigin) return;
  if (origins.some((listed) => new URL(listed).origin === origin)) return;
  const message = `${name}: the address of the result leads from \`${ownOrigin}\` to \`${origin}\``;
  throw new MillraceError("REDIRECT_REFUSED", message, {
    hint: "list the other origin in `origins` of the source if that is right; it gets no credentials",
  });
}

/** Of the request among all of the run, for its ledger. */
function nameEntry({ options, unit }: ReadPagesInput, { number }: PageRequest): string {
  const isOne = (options.pagination?.kind ?? "none") === "none";
  const parts = [...(unit === "" ? [] : [unit]), ...(isOne ? [] : [`page ${number}`])];
  return parts.length === 0 ? "request" : parts.join(", ");
}

function toFacts(
  { page, response }: Extract<FetchedPage, { readonly outcome: "success" }>,
  watch: RowWatch | undefined,
): PageFacts {
  return {
    head: response,
    url: new URL(response.url),
    envelope: page.envelope,
    rows: page.rows,
    fingerprint: page.fingerprint,
    ...(page.lastRow === undefined ? {} : { lastRow: page.lastRow }),
    ...(watch?.maximum === undefined ? {} : { maximum: watch.maximum }),
    hasOlder: watch?.hasOlder ?? false,
  };
}

/** Names the unit as well. */
function follow(next: () => PageRequest | undefined, prefix: string): PageRequest | undefined {
  try {
    return next();
  } catch (error) {
    if (prefix === "" || !(error instanceof MillraceError)) throw error;
    throw new MillraceError(
      error.code,
      `${prefix}${error.message}`,
      error.hint === undefined ? {} : { hint: error.hint },
    );
  }
}
