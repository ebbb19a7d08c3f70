// From page to page until the pages end. Never round in a circle: a cursor that comes again, a page that repeats the one
// before, and a total that shrinks or is not reached are errors that name the page.
import { compareWatermarks, type WatermarkValue } from "../../core/dataset/watermark.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { findLink, linkText } from "./link-header.ts";
import type { CursorPagination, Pagination } from "./pagination.ts";
import { header, matchesBody, type ResponseHead } from "./response-rules.ts";
import { printJson, toValuePath, valueAt } from "./value-path.ts";
import type { VariableValue, Variables } from "../../core/dataset/variables.ts";

/** The page to ask for. */
export interface PageRequest {
  /** From 1, for people. */
  readonly number: number;
  /** The variables `{{page.…}}`. */
  readonly variables: Variables;
  /** The address, where the page before has said it. */
  readonly url?: string;
  /** Whether `url` takes the parameters of the request as well. */
  readonly merge?: boolean;
}

/** What was found of a page. */
export interface PageFacts {
  readonly head: ResponseHead;
  /** The address that was asked. */
  readonly url: URL;
  /** The answer without its rows; `undefined` for formats that have nothing beside rows. */
  readonly envelope: VariableValue | undefined;
  /** Rows in the page, also those that were left out. */
  readonly rows: number;
  /** Says which rows these are; equal for equal rows. */
  readonly fingerprint: string;
  readonly lastRow?: VariableValue;
  /** The greatest value of the field that `maxRow` names. */
  readonly maximum?: WatermarkValue;
  /** Whether a row was older than the watermark. */
  readonly hasOlder?: boolean;
}

export interface PaginatorOptions {
  /** Where in an answer the total is that all rows have to come to. */
  readonly total?: string;
  /** Origins besides that of the request which a page may lead to, such as `https://eu.example.com`. */
  readonly origins?: readonly string[];
}

export interface Paginator {
  first(): PageRequest;
  /**
   * The page after the one that was found.
   * @returns `undefined` when that was the last
   * @throws MillraceError `PAGINATION_BROKEN` naming the page
   */
  next(page: PageFacts): PageRequest | undefined;
}

export function createPaginator(pagination: Pagination, options: PaginatorOptions = {}): Paginator {
  return new Pages(pagination, options);
}

class Pages implements Paginator {
  readonly #pagination: Pagination;
  readonly #total: string | undefined;
  readonly #origins: readonly string[];
  readonly #seen = new Set<string>();
  #number = 1;
  #rows = 0;
  #before: PageFacts | undefined;
  #lastTotal: number | undefined;
  #maximum: WatermarkValue | undefined;

  constructor(pagination: Pagination, { total, origins = [] }: PaginatorOptions) {
    this.#pagination = pagination;
    this.#total = total ?? (pagination.kind === "total" ? pagination.path : undefined);
    this.#origins = origins.map((origin) => new URL(origin).origin);
    if (pagination.kind === "cursor" && pagination.start !== undefined) this.#seen.add(pagination.start);
  }

  first(): PageRequest {
    const { start } = { start: undefined, ...this.#pagination };
    return this.#request(this.#pagination.kind === "cursor" ? { cursor: start } : {});
  }

  next(page: PageFacts): PageRequest | undefined {
    this.#rows += page.rows;
    this.#assertTotal(page);
    this.#assertNotRepeated(page);
    this.#before = page;
    const step = this.#step(page);
    if (step === undefined) {
      this.#assertComplete(page);
      return undefined;
    }
    this.#number += 1;
    return this.#request(step.variables ?? {}, step);
  }

  #request(more: Variables, { url, merge }: Step = {}): PageRequest {
    const { kind } = this.#pagination;
    const offset = (kind === "offset" ? (this.#pagination.start ?? 0) : 0) + this.#rows;
    const number = (kind === "page" ? (this.#pagination.start ?? 1) : 1) + this.#number - 1;
    const size = "size" in this.#pagination ? this.#pagination.size : undefined;
    return {
      number: this.#number,
      variables: { offset, number, ...(size === undefined ? {} : { size }), ...more },
      ...(url === undefined ? {} : { url }),
      ...(merge === undefined ? {} : { merge }),
    };
  }

  /** How to go on, by the rule of the kind and the stop rules. */
  #step(page: PageFacts): Step | undefined {
    if (this.#isStopped(page)) return undefined;
    const pagination = this.#pagination;
    switch (pagination.kind) {
      case "none":
        return undefined;
      case "offset":
      case "page":
        return {};
      case "cursor":
        return this.#byCursor(pagination, page);
      case "link":
        return this.#byUrl(findLink(linkText(page.head), pagination.rel ?? "next"), page, pagination.merge);
      case "nextUrl":
        return this.#byUrl(textAt(page, pagination.path), page, pagination.merge);
      case "total":
        return this.#byTotal(page);
      case "flag":
        return this.#byFlag(page, pagination.path, pagination.more ?? true);
    }
  }

  #isStopped(page: PageFacts): boolean {
    const { stop = {}, size } = { stop: undefined, size: undefined, ...this.#pagination };
    if (page.rows === 0 && (stop.emptyPage ?? endsEmpty(this.#pagination))) return true;
    if (stop.shortPage === true && size !== undefined && page.rows < size) return true;
    if (stop.when !== undefined && matchesBody(stop.when, page.envelope)) return true;
    return page.hasOlder === true;
  }

  #byCursor(pagination: CursorPagination, page: PageFacts): Step | undefined {
    const cursor = this.#cursorOf(pagination, page);
    if (cursor === undefined || cursor === null || cursor === "" || cursor === pagination.end) return undefined;
    if (typeof cursor === "object")
      throw this.#broken(`the cursor is ${Array.isArray(cursor) ? "a list" : "an object"}`);
    this.#assertNew(String(cursor), "the cursor is one that came before");
    return { variables: { cursor } };
  }

  #cursorOf({ path, header: name, lastRow, maxRow }: CursorPagination, page: PageFacts): VariableValue | undefined {
    if (path !== undefined) return valueAt(page.envelope, toValuePath(path));
    if (name !== undefined) return header(page.head, name);
    if (lastRow !== undefined) return this.#fieldOfRow(valueAt(page.lastRow, toValuePath(lastRow)), lastRow);
    const found = this.#fieldOfRow(page.maximum, maxRow ?? "");
    const before = this.#maximum;
    this.#maximum = before === undefined || compareWatermarks(found, before) > 0 ? found : before;
    return this.#maximum;
  }

  #fieldOfRow(value: VariableValue | undefined, field: string): WatermarkValue {
    if (typeof value === "bigint") return String(value);
    if (typeof value === "string" || typeof value === "number") return value;
    throw this.#broken(`the row has no text and no number in field \`${field}\`, which the next page follows from`);
  }

  #byUrl(target: string | undefined, { url: from }: PageFacts, merge = false): Step | undefined {
    if (target === undefined || target === "") return undefined;
    if (!URL.canParse(target, from.href)) throw this.#broken("the address of the next page is none");
    const url = new URL(target, from);
    if (url.origin !== from.origin && !this.#origins.includes(url.origin)) {
      const message = `the address of the next page leads from \`${from.origin}\` to \`${url.origin}\``;
      throw this.#broken(message, "list the other origin in `origins` of the source if that is right");
    }
    this.#assertNew(url.href, "the address of the next page is one that came before");
    return { url: url.href, merge };
  }

  #byTotal(page: PageFacts): Step | undefined {
    if (this.#rows >= (this.#lastTotal ?? 0)) return undefined;
    if (page.rows === 0) throw this.#short();
    return {};
  }

  #byFlag(page: PageFacts, path: string, more: string | boolean): Step | undefined {
    const value = valueAt(page.envelope, toValuePath(path));
    if (value === undefined || value === null)
      throw this.#broken(`field \`${path}\`, which says whether there are more pages, is missing`);
    if (value !== more && printJson(value) !== String(more)) return undefined;
    if (page.rows === 0) throw this.#broken(`it has no row, and field \`${path}\` says that there are more`);
    return {};
  }

  #assertTotal(page: PageFacts): void {
    if (this.#total === undefined) return;
    const value = valueAt(page.envelope, toValuePath(this.#total));
    const total = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof total !== "number" || !Number.isSafeInteger(total) || total < 0) {
      throw this.#broken(`field \`${this.#total}\` does not say how many rows there are`);
    }
    if (this.#lastTotal !== undefined && total < this.#lastTotal) {
      throw this.#broken(`it says that there are ${total} rows, the page before said ${this.#lastTotal}`, rowsGone);
    }
    this.#lastTotal = total;
    if (this.#rows > total)
      throw this.#broken(`it says that there are ${total} rows, and ${this.#rows} have come`, rowsGone);
  }

  #assertComplete(page: PageFacts): void {
    if (page.hasOlder !== true && this.#lastTotal !== undefined && this.#rows < this.#lastTotal) throw this.#short();
  }

  #short(): MillraceError {
    return this.#broken(
      `it says that there are ${this.#lastTotal} rows, and the pages end after ${this.#rows}`,
      rowsGone,
    );
  }

  #assertNotRepeated({ rows, fingerprint }: PageFacts): void {
    if (rows === 0 || this.#before?.fingerprint !== fingerprint || this.#before.rows !== rows) return;
    throw this.#broken(
      "its rows are those of the page before",
      "check that the service knows the parameter that asks for the next page",
    );
  }

  #assertNew(key: string, problem: string): void {
    if (this.#seen.has(key))
      throw this.#broken(problem, "the service would be asked for the same pages for ever; tell its owner");
    this.#seen.add(key);
  }

  #broken(problem: string, hint?: string): MillraceError {
    return new MillraceError(
      "PAGINATION_BROKEN",
      `page ${this.#number}: ${problem}`,
      hint === undefined ? {} : { hint },
    );
  }
}

interface Step {
  readonly variables?: Variables;
  readonly url?: string;
  readonly merge?: boolean;
}

const rowsGone =
  "rows came or went while they were read, or some are not shown to this account; read a range that is over";

function endsEmpty(pagination: Pagination): boolean {
  if (pagination.kind === "cursor") return pagination.lastRow !== undefined || pagination.maxRow !== undefined;
  return pagination.kind === "offset" || pagination.kind === "page";
}

function textAt({ envelope }: PageFacts, path: string): string | undefined {
  const value = valueAt(envelope, toValuePath(path));
  return typeof value === "string" ? value : undefined;
}
