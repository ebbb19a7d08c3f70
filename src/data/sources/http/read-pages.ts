// All pages of a unit, one after the other. A unit that a rule skips takes back what it has read.
import { labelExchanges } from "../../../core/connection/exchange.ts";
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
  readonly operation: (text: string) => void;
  readonly where: string;
}

export interface ReadUnit {
  readonly isSkipped: boolean;
  readonly pages: number;
  readonly rows: number;
  /** The greatest value of the watched field. */
  readonly maximum: RowWatch["maximum"];
}

/** @throws MillraceError naming the page */
export async function readPages(input: ReadPagesInput): Promise<ReadUnit> {
  const { options, watch, unit, operation, variables, where } = input;
  const paginator = openPages(options);
  watch?.beginUnit(variables, where);
  const prefix = unit === "" ? "" : `unit \`${unit}\`, `;
  let rows = 0;
  let request: PageRequest | undefined = paginator.first();
  for (;;) {
    const name = `${prefix}page ${request.number}`;
    operation(`reading ${name}`);
    const fetched = await fetchOne(input, request, name);
    if (fetched.outcome !== "success") {
      return { isSkipped: fetched.outcome === "skipUnit", pages: request.number, rows, maximum: watch?.unitMaximum };
    }
    rows += fetched.page.kept;
    watch?.endPage();
    const next = follow(() => paginator.next(toFacts(fetched, watch)), prefix);
    if (next === undefined) return { isSkipped: false, pages: request.number, rows, maximum: watch?.unitMaximum };
    request = next;
  }
}

async function fetchOne(input: ReadPagesInput, page: PageRequest, name: string): Promise<FetchedPage> {
  const { request, variables, secretScopes, watch, unit } = input;
  const rendered = request.render({ page, variables, secretScopes });
  watch?.beginPage();
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
