// Signs in an answer that the service has more rows than it gave. A source that reads one page looks at them, since a service that
// gives its rows in pages unasked would otherwise look like one that has no more.
import { ExactNumber, type VariableValue } from "../../core/dataset/variables.ts";
import { findLink, linkText } from "./link-header.ts";
import type { PageFacts } from "./paginator.ts";

/** What says so, such as `` field `meta.has_more` ``; `undefined` where nothing does. */
export function findMore({ envelope, head, rows }: Pick<PageFacts, "envelope" | "head" | "rows">): string | undefined {
  if ((findLink(linkText(head), "next") ?? "") !== "") return "a `link` header";
  const path = findField(envelope, rows);
  return path === undefined ? undefined : `field \`${path}\``;
}

function findField(envelope: VariableValue | undefined, rows: number): string | undefined {
  const top = fieldsOf(envelope);
  for (const [prefix, fields] of [["", top] as const, ...top.filter(([name]) => isHolder(name)).map(toLevel)]) {
    const found = fields.find(([name, value]) => saysMore(name, value)) ?? findTotal(fields, rows);
    if (found !== undefined) return `${prefix}${found[0]}`;
  }
  return undefined;
}

type Field = readonly [name: string, value: VariableValue | undefined];

function toLevel([name, value]: Field): readonly [prefix: string, fields: readonly Field[]] {
  return [`${name}.`, fieldsOf(value)];
}

function fieldsOf(value: VariableValue | undefined): readonly Field[] {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && !(value instanceof ExactNumber) ? Object.entries(value) : [];
}

/** A flag that is true, or an address or cursor that is there. */
function saysMore(name: string, value: VariableValue | undefined): boolean {
  const plain = toPlain(name);
  if (flags.has(plain)) return value === true;
  return leads.has(plain) && typeof value === "string" && value !== "";
}

/** A total is one of rows where something beside it tells of pages. */
function findTotal(fields: readonly Field[], rows: number): Field | undefined {
  if (!fields.some(([name]) => sizes.has(toPlain(name)))) return undefined;
  return fields.find(([name, value]) => totals.has(toPlain(name)) && typeof value === "number" && value > rows);
}

/** `has_more`, `hasMore` and `has-more` are one name. */
function toPlain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, "");
}

function isHolder(name: string): boolean {
  return holders.has(toPlain(name));
}

const holders = new Set([
  "meta",
  "metadata",
  "pagination",
  "paging",
  "page",
  "pageinfo",
  "links",
  "cursors",
  "responsemetadata",
]);
const flags = new Set(["hasmore", "hasnext", "hasnextpage", "morerecords", "istruncated"]);
const leads = new Set([
  "next",
  "nextpage",
  "nexturl",
  "nextlink",
  "nexthref",
  "nextcursor",
  "nextpagetoken",
  "nexttoken",
  "odatanextlink",
]);
const totals = new Set(["total", "totalcount", "totalrecords", "totalresults", "totalitems"]);
const sizes = new Set([
  "limit",
  "offset",
  "skip",
  "page",
  "pagesize",
  "perpage",
  "pagenumber",
  "totalpages",
  "currentpage",
]);
