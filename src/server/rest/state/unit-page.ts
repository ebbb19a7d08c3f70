// Pages of the units of a job, what is behind first: people look for what is missing, and there may be thousands.
import { z } from "zod";
import type { JobUnit, UnitPage, UnitsQuery } from "../../../api/state.ts";
import { compareWatermarks } from "../../../core/dataset/watermark.ts";
import { parseJsonCursor, toJsonCursor } from "../../json-cursor.ts";
import { furthestOf } from "./job-units.ts";

const defaultLimit = 50;

/**
 * Units that failed come first, then those that were never read, then those with holes or read less far than others; of each the
 * one that waits longest is the first.
 * @throws MillraceError `REQUEST_INVALID` for a cursor of another list
 */
export function toUnitPage(
  units: readonly JobUnit[],
  { q = "", state, cursor, limit = defaultLimit }: UnitsQuery,
): UnitPage {
  const text = q.trim().toLowerCase();
  const after = cursor === undefined ? undefined : parseJsonCursor(placeSchema, cursor);
  const found = units
    .filter((unit) => unit.key.toLowerCase().includes(text) && isIn(unit, state))
    .map((unit) => ({ unit, place: placeOf(unit) }))
    .filter(({ place }) => after === undefined || comparePlaces(place, after) > 0)
    .toSorted((a, b) => comparePlaces(a.place, b.place));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(({ unit }) => unit),
    next_cursor: found.length > limit && last !== undefined ? toJsonCursor(last.place) : null,
    summary: summarizeUnits(units),
  };
}

/** How much of a job's units is read. */
export function summarizeUnits(units: readonly JobUnit[]): UnitPage["summary"] {
  const least = units.reduce<string | null>((before, { ranges }) => {
    const end = ranges.at(-1)?.to;
    return end === undefined || (before !== null && compareWatermarks(end, before) >= 0) ? before : end;
  }, null);
  return {
    units: units.length,
    failed: units.filter(({ error }) => error !== null).length,
    behind: units.filter(({ is_behind: isBehind }) => isBehind).length,
    read_to: least,
    furthest: furthestOf(units),
  };
}

function isIn({ error, is_behind: isBehind }: JobUnit, state: UnitsQuery["state"]): boolean {
  return state === undefined || (state === "failed" ? error !== null : isBehind);
}

/** Rank, how far it was read, when it was read last, tenant and key: what the order goes by. */
type Place = readonly [rank: number, readTo: string, readAt: string, tenant: string, key: string];

function placeOf({ key, tenant, ranges, value, last_read_at: at, error, is_behind: isBehind }: JobUnit): Place {
  const isRead = ranges.length > 0 || value !== null;
  const rank = error !== null ? 0 : !isRead ? 1 : isBehind ? 2 : 3;
  return [rank, ranges.at(-1)?.to ?? "", at ?? "", tenant, key];
}

function comparePlaces(a: Place, b: Place): number {
  return (
    a[0] - b[0] || compareWatermarks(a[1], b[1]) || compare(a[2], b[2]) || compare(a[3], b[3]) || compare(a[4], b[4])
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const placeSchema: z.ZodType<Place> = z.tuple([z.number(), z.string(), z.string(), z.string(), z.string()]);
