// What of a part of time is to be read now, given what was read before. Rows that come late are read by reading a little again.
import type { Part } from "./partition.ts";
import type { Window } from "./window.ts";

export interface DueRules {
  /** How far back from the newest instant that was read rows may still come. Default 0. */
  readonly graceMs?: number;
  /** How long what was read stays as it is. Default 0. */
  readonly abstainMs?: number;
}

export interface ReadBefore {
  /** How far this part was read; `undefined` for not at all. An instant in UTC. */
  readonly own: string | undefined;
  /** How far the newest of all parts of the same thing was read. */
  readonly newest: string | undefined;
}

/**
 * The range to read; `undefined` when nothing is due. It never reaches to the left of the part.
 * @see `docs/reference/http.md` for the table of what comes out
 */
export function findDueRange(
  part: Pick<Part, "from" | "to">,
  { own, newest }: ReadBefore,
  { graceMs = 0, abstainMs = 0 }: DueRules,
): Window | undefined {
  if (own === undefined) return { from: part.from, to: part.to };
  const toMs = Date.parse(part.to);
  const ownMs = Date.parse(own);
  const lateMs = Date.parse(newest ?? own) - graceMs;
  const isLonger = toMs > ownMs + abstainMs;
  const isLate = graceMs > 0 && toMs > lateMs + abstainMs;
  if (!isLonger && !isLate) return undefined;
  const fromMs = Math.max(Date.parse(part.from), Math.min(ownMs, lateMs));
  return fromMs < toMs ? { from: new Date(fromMs).toISOString(), to: part.to } : undefined;
}
