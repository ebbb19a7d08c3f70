// How a service gives its rows in pages, as a job declares it: one kind, each with the rule by which it ends.
import type { BodyPredicate } from "./response-rules.ts";

/** Exactly one kind. What a kind counts stands in the request as `{{page.…}}`. */
export type Pagination =
  | NoPagination
  | OffsetPagination
  | PagePagination
  | CursorPagination
  | LinkPagination
  | NextUrlPagination
  | TotalPagination
  | FlagPagination;

/** When the pages end besides the rule of their kind. */
export interface StopRules {
  /** A page without a row is the last. Default: true for `offset`, `page` and cursors out of rows; false for the others. */
  readonly emptyPage?: boolean;
  /** A page with fewer rows than `size` is the last. Default false, since services may give less than they are asked for. */
  readonly shortPage?: boolean;
  /** The page whose answer is so is the last. */
  readonly when?: BodyPredicate;
  /** For rows that come newest first: the page with the first row that is older is the last, and older rows are left out. */
  readonly olderThan?: OlderThanRule;
}

export interface OlderThanRule {
  /** Field of a row. */
  readonly field: string;
  /** What it is compared with. Default `{{watermark?}}`, which is how far the job has read; while that is absent, no row is older. */
  readonly than?: string;
}

/** One answer has all rows. */
export interface NoPagination {
  readonly kind: "none";
}

/** `{{page.offset}}` counts rows, `{{page.size}}` is what is asked for. */
export interface OffsetPagination {
  readonly kind: "offset";
  readonly size: number;
  /** Default 0. */
  readonly start?: number;
  readonly stop?: StopRules;
}

/** `{{page.number}}` counts pages. */
export interface PagePagination {
  readonly kind: "page";
  readonly size?: number;
  /** Default 1. */
  readonly start?: number;
  readonly stop?: StopRules;
}

/** `{{page.cursor?}}` is what the answer before has said. The pages end where it says nothing. */
export interface CursorPagination {
  readonly kind: "cursor";
  /** Field of the answer. */
  readonly path?: string;
  /** Header of the answer. */
  readonly header?: string;
  /** Field of the last row of a page. */
  readonly lastRow?: string;
  /** Field of all rows: the greatest so far. */
  readonly maxRow?: string;
  /** The cursor of the first page. Default: it has none. */
  readonly start?: string;
  /** A text that stands for no further page, besides nothing at all, `null` and the empty text. */
  readonly end?: string;
  readonly size?: number;
  readonly stop?: StopRules;
}

/** The header `Link` has the address of the next page. */
export interface LinkPagination {
  readonly kind: "link";
  /** Default `next`. */
  readonly rel?: string;
  /** Whether the parameters of `query` are added to the address. Default false: it has all it needs. */
  readonly merge?: boolean;
  readonly stop?: StopRules;
}

/** A field of the answer has the address of the next page. */
export interface NextUrlPagination {
  readonly kind: "nextUrl";
  readonly path: string;
  /** Default false, as for `link`. */
  readonly merge?: boolean;
  readonly stop?: StopRules;
}

/** A field of each answer says how many rows there are. `{{page.offset}}` and `{{page.number}}` count on. */
export interface TotalPagination {
  readonly kind: "total";
  readonly path: string;
  readonly size?: number;
  readonly stop?: StopRules;
}

/** A field of each answer says whether there are more. `{{page.offset}}` and `{{page.number}}` count on. */
export interface FlagPagination {
  readonly kind: "flag";
  readonly path: string;
  /** The value that says so. Default true. */
  readonly more?: string | boolean;
  readonly size?: number;
  readonly stop?: StopRules;
}

/** Variables of which a request has to use one, or it would ask for the first page for ever. */
export function listPageVariables({ kind }: Pagination): readonly string[] {
  switch (kind) {
    case "none":
    case "link":
    case "nextUrl":
      return [];
    case "offset":
      return ["offset"];
    case "page":
      return ["number"];
    case "cursor":
      return ["cursor"];
    case "total":
    case "flag":
      return ["offset", "number"];
  }
}

/** By which rule pages follow the first, for people; `undefined` when there is one alone. */
export function describePages(pagination: Pagination): string | undefined {
  const until = `until ${listEnds(pagination).join(", or ")}`;
  switch (pagination.kind) {
    case "none":
      return undefined;
    case "offset":
      return `then from {{page.offset}} on, ${pagination.size} rows at a time, ${until}`;
    case "page":
      return `then page after page by {{page.number}}, ${until}`;
    case "cursor":
      return `then by the cursor in ${describeCursor(pagination)}, ${until}`;
    case "link":
      return `then the address in the header \`Link\` (rel ${pagination.rel ?? "next"}), ${until}`;
    case "nextUrl":
      return `then the address in field \`${pagination.path}\`, ${until}`;
    case "total":
    case "flag":
      return `then on from the rows that came, ${until}`;
  }
}

function describeCursor({ path, header, lastRow, maxRow }: CursorPagination): string {
  if (path !== undefined) return `field \`${path}\``;
  if (header !== undefined) return `header \`${header}\``;
  return lastRow === undefined ? `the greatest \`${maxRow ?? ""}\` of all rows` : `\`${lastRow}\` of the last row`;
}

function listEnds(pagination: Pagination): string[] {
  const { stop = {} } = { stop: undefined, ...pagination };
  return [
    ...endsOfKind(pagination),
    ...(stop.emptyPage === true ? ["a page has no row"] : []),
    ...(stop.shortPage === true ? ["a page has fewer rows than were asked for"] : []),
    ...(stop.when === undefined ? [] : [`field \`${stop.when.path}\` says so`]),
    ...(stop.olderThan === undefined ? [] : [`a row is older by \`${stop.olderThan.field}\``]),
  ];
}

function endsOfKind(pagination: Pagination): string[] {
  switch (pagination.kind) {
    case "none":
      return [];
    case "offset":
    case "page":
      return pagination.stop?.emptyPage === false ? [] : ["a page has no row"];
    case "cursor":
      return [pagination.path === undefined && pagination.header === undefined ? "a page has no row" : "there is none"];
    case "link":
    case "nextUrl":
      return ["there is none"];
    case "total":
      return [`as many have come as field \`${pagination.path}\` says`];
    case "flag":
      return [`field \`${pagination.path}\` is not \`${String(pagination.more ?? true)}\``];
  }
}
