// Ranges of time that a unit was read in, for jobs whose rows are appended: what was read once is read by no other run, in whatever
// order windows come. Beside the watermark, which says how far a unit was read without a gap, the ranges behind gaps are remembered.
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { mergeWindows } from "../../core/schedule/merge-windows.ts";
import type { Window } from "../../core/schedule/window.ts";
import type { DueUnit } from "./plan-units.ts";
import { rangesWatermark, stamp, unitWatermark, unstamp } from "./unit-state.ts";

/** What a job remembers, and where its time begins. */
export interface ReadTime {
  readonly state: ReadonlyMap<string, WatermarkValue>;
  /** Where all of time begins, an instant; parts of time begin where they do. */
  readonly from: string | undefined;
  readonly isInParts: boolean;
}

/**
 * The units with what of their range was not read before; one of which everything was read is left out, and one with a range between is
 * read up to that.
 * @param window of the run, which is read as a whole or not at all
 * @throws MillraceError `PARAMS_INVALID` for a window around what was read before, and for more ranges than can be remembered
 */
export function leaveRead(due: readonly DueUnit[], time: ReadTime, window: Window | undefined): readonly DueUnit[] {
  return due.flatMap((unit) => {
    if (unit.part === undefined || unit.range === undefined) return [unit];
    const done = listRead(unit, time);
    const [first, second] = subtract(unit.range, done);
    if (first === undefined) return [];
    if (second !== undefined && window !== undefined) throw brokenWindow(first, second);
    assertFits(mergeWindows([...done, first]));
    return [{ ...unit, range: first }];
  });
}

/** Watermarks of a unit whose range was read. */
export function moveRead(unit: DueUnit, time: ReadTime, at: string): ReadonlyMap<string, WatermarkValue> {
  const { key, range } = unit;
  const ends = new Map<string, WatermarkValue>();
  if (range === undefined) return ends;
  const base = baseOf(unit, time);
  const done = mergeWindows([...listRead(unit, time), range]);
  const end = done.find(({ from, to }) => from <= base && base < to)?.to ?? base;
  if (end > endOf(unit, time)) ends.set(unitWatermark(key), end);
  const name = rangesWatermark(key);
  const text = done
    .flatMap((one) => subtract(one, [{ from: base, to: end }]))
    .map(printRange)
    .join(" ");
  if (text !== (unstamp(time.state.get(name)) ?? "")) ends.set(name, stamp(text, time.state.get(name), at));
  return ends;
}

/** All ranges of the unit that were read, in their order. */
function listRead(unit: DueUnit, time: ReadTime): readonly Window[] {
  const others = (unstamp(time.state.get(rangesWatermark(unit.key))) ?? "").split(" ").filter((text) => text !== "");
  return mergeWindows([{ from: baseOf(unit, time), to: endOf(unit, time) }, ...others.map(parseRange)]);
}

function baseOf({ part }: DueUnit, { from, isInParts }: ReadTime): string {
  return (isInParts ? part?.start : from) ?? part?.start ?? "";
}

function endOf(unit: DueUnit, time: ReadTime): string {
  const value = time.state.get(unitWatermark(unit.key));
  return value === undefined ? baseOf(unit, time) : new Date(value).toISOString();
}

/** What is left of a range. @param done in their order, none of which meets another */
function subtract(range: Window, done: readonly Window[]): readonly Window[] {
  const left: Window[] = [];
  let { from } = range;
  for (const { from: start, to: end } of done) {
    if (end <= from || start >= range.to) continue;
    if (start > from) left.push({ from, to: start });
    from = end;
  }
  return from < range.to ? [...left, { from, to: range.to }] : left;
}

/** A watermark has at most 1,000 characters, of which a stamp takes some. */
const longestText = 900;

function assertFits(done: readonly Window[]): void {
  if (done.map(printRange).join(" ").length <= longestText) return;
  throw new MillraceError(
    "PARAMS_INVALID",
    `the unit was read in ${done.length} ranges with gaps between them, which are too many`,
    {
      hint: 'run the windows between them first, or use `mode: "merge"`',
    },
  );
}

function brokenWindow(first: Window, second: Window): MillraceError {
  const message = `a part of the window was read before, and \`append\` would add its rows a second time; not read are ${printRange(first)}, ${printRange(second)}`;
  return new MillraceError("PARAMS_INVALID", message, {
    hint: 'run these one by one, use `mode: "merge"`, or run with a full refresh',
  });
}

const midnight = "T00:00:00.000Z";

function printRange({ from, to }: Window): string {
  return `${from.replace(midnight, "")}..${to.replace(midnight, "")}`;
}

function parseRange(text: string): Window {
  const [from = "", to = ""] = text.split("..").map((day) => (day.length === 10 ? day + midnight : day));
  return { from, to };
}
