// All pages of a unit, one after the other. A unit that a rule skips takes back what it has read.
import { labelExchanges } from "../../../core/connection/exchange.ts";
import type { KnownRows } from "../../../core/dataset/source.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { PageFacts, PageRequest } from "../../requests/paginator.ts";
import { type FetchContext, type FetchedPage, fetchPage } from "./fetch-page.ts";
import { openPages } from "./prepare-requests.ts";
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
  /** No further page is asked for when so many rows came. Default: all. */
  readonly rowsWanted?: number;
}

export interface ReadUnit {
  readonly isSkipped: boolean;
  /** Also those that were left out, because they were read before. */
  readonly rows: number;
  /** The greatest value of the watched field, and the rows that have it. */
  readonly maximum: RowWatch["maximum"];
  readonly newest: KnownRows | undefined;
}

/** @throws MillraceError naming the page */
export async function readPages(input: ReadPagesInput): Promise<ReadUnit> {
  const { options, watch, unit, known, operation, variables, where, rowsWanted = Infinity } = input;
  const paginator = openPages(options);
  watch?.beginUnit(variables, where, known);
  const prefix = unit === "" ? "" : `unit \`${unit}\`, `;
  let rows = 0;
  let request: PageRequest | undefined = paginator.first();
  for (;;) {
    const name = `${prefix}page ${request.number}`;
    operation(`reading ${name}`);
    const fetched = await fetchOne(input, request, name);
    if (fetched.outcome !== "success") return conclude(fetched.outcome === "skipUnit", rows, watch);
    rows += fetched.page.kept;
    watch?.endPage();
    if (rows >= rowsWanted) return conclude(false, rows, watch);
    const next = follow(() => paginator.next(toFacts(fetched, watch)), prefix);
    if (next === undefined) return conclude(false, rows, watch);
    request = next;
  }
}

function conclude(isSkipped: boolean, kept: number, watch: RowWatch | undefined): ReadUnit {
  return {
    isSkipped,
    rows: kept + (watch?.unitKnown ?? 0),
    maximum: watch?.unitMaximum,
    newest: watch?.unitNewest,
  };
}

async function fetchOne(input: ReadPagesInput, page: PageRequest, name: string): Promise<FetchedPage> {
  const { request, variables, secretScopes, unit } = input;
  const rendered = request.render({ page, variables, secretScopes });
  const labels = { page: page.number, ...(unit === "" ? {} : { unit }) };
  const observer = labelExchanges(input.observer, labels);
  return await fetchPage(rendered, name, nameEntry(input, page), { ...input, observer });
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
