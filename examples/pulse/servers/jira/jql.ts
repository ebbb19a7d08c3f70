// The part of JQL that is asked here: comparisons of `project`, `id`, `updated` and `created`, with AND, OR, parentheses and ORDER BY.
// Everything else is refused, as Jira refuses what it does not know.
import type { Issue } from "../../organisation/entities.ts";

/** Whether an issue is found at a moment, in milliseconds since 1970. */
export type Matches = (issue: Issue, nowMs: number) => boolean;

/** A query that Jira would answer with 400; the message is for people. */
export class JqlError extends Error {}

/** @throws JqlError for what is not understood, and for a query that is not bounded */
export function parseJql(jql: string): Matches {
  const [where = "", order] = jql.split(/\bORDER\s+BY\b/i);
  if (order !== undefined) assertOrder(order);
  const tokens = where.match(/\(|\)|>=|<=|=|<|>|"[^"]*"|'[^']*'|,|[\w-]+/g) ?? [];
  if (tokens.length === 0)
    throw new JqlError("Unbounded JQL queries are not allowed here. Please add a search restriction.");
  const reader = new Reader(tokens);
  const matches = reader.readAny();
  if (!reader.isAtEnd)
    throw new JqlError(`Error in the JQL Query: expecting the end of the query but got '${reader.peek()}'.`);
  return matches;
}

function assertOrder(order: string): void {
  for (const part of order.split(",")) {
    if (/^\s*(?:created|updated|id|key)(?:\s+(?:ASC|DESC))?\s*$/i.test(part)) continue;
    throw new JqlError(`Error in the JQL Query: not able to sort using field '${part.trim()}'.`);
  }
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peek(): string {
    return this.#tokens[this.#at] ?? "";
  }

  readAny(): Matches {
    const parts = [this.#readAll()];
    while (this.#take("or")) parts.push(this.#readAll());
    return (issue, nowMs) => parts.some((part) => part(issue, nowMs));
  }

  #readAll(): Matches {
    const parts = [this.#readOne()];
    while (this.#take("and")) parts.push(this.#readOne());
    return (issue, nowMs) => parts.every((part) => part(issue, nowMs));
  }

  #readOne(): Matches {
    if (this.#take("(")) {
      const inside = this.readAny();
      if (!this.#take(")")) throw new JqlError("Error in the JQL Query: expecting ')'.");
      return inside;
    }
    const field = this.#next().toLowerCase();
    if (field === "project") return this.#readProject();
    if (field === "id" || field === "issue") return this.#readIds();
    if (field === "updated" || field === "created") return this.#readTime(field);
    throw new JqlError(`Field '${field}' does not exist or you do not have permission to view it.`);
  }

  #readProject(): Matches {
    if (!this.#take("=")) throw new JqlError("Error in the JQL Query: expecting '=' after 'project'.");
    const value = unquote(this.#next());
    return (issue) => issue.project_key === value || issue.key.startsWith(`${value}-`);
  }

  #readIds(): Matches {
    if (!this.#take("in") || !this.#take("(")) throw new JqlError("Error in the JQL Query: expecting 'in ('.");
    const ids = new Set<string>();
    do ids.add(unquote(this.#next()));
    while (this.#take(","));
    if (!this.#take(")")) throw new JqlError("Error in the JQL Query: expecting ')'.");
    return ({ id }) => ids.has(id);
  }

  #readTime(field: "updated" | "created"): Matches {
    const operator = this.#next();
    const compare = comparisons.get(operator);
    if (compare === undefined)
      throw new JqlError(`Error in the JQL Query: the operator '${operator}' is not supported.`);
    const toMs = parseTime(this.#next(), field);
    return (issue, nowMs) => compare(Date.parse(issue[`${field}_at`]), toMs(nowMs));
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new JqlError("Error in the JQL Query: unexpected end of the query.");
    this.#at += 1;
    return token;
  }

  #take(wanted: string): boolean {
    if (this.peek().toLowerCase() !== wanted) return false;
    this.#at += 1;
    return true;
  }
}

const comparisons: ReadonlyMap<string, (left: number, right: number) => boolean> = new Map([
  [">=", (left: number, right: number) => left >= right],
  [">", (left: number, right: number) => left > right],
  ["<=", (left: number, right: number) => left <= right],
  ["<", (left: number, right: number) => left < right],
]);

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds since 1970 without quotes, or a time before now such as `-60m`. A local time is refused, since only its user knows its zone. */
function parseTime(text: string, field: string): (nowMs: number) => number {
  const [, amount, unit] = /^-(\d+)([mhdw])$/.exec(unquote(text)) ?? [];
  if (amount !== undefined && unit !== undefined) return (nowMs) => nowMs - Number(amount) * (unitMs[unit] ?? 0);
  if (/^\d+$/.test(text)) return () => Number(text);
  throw new JqlError(`Date value '${unquote(text)}' for field '${field}' is invalid.`);
}

function unquote(token: string): string {
  return /^["'].*["']$/.test(token) ? token.slice(1, -1) : token;
}
