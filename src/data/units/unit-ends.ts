// Where watermarks go when what a run has read is published.
import { type KnownRows, maxKnownRows, type UnitOutcome } from "../../core/dataset/source.ts";
import { compareWatermarks, type WatermarkValue } from "../../core/dataset/watermark.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { isPeriod } from "../../core/schedule/partition.ts";
import type { Window } from "../../core/schedule/window.ts";
import type { DueUnit } from "./plan-units.ts";
import type { RunPlan } from "./plan-run.ts";
import { moveRead } from "./read-once.ts";
import {
  newestRowsWatermark,
  parentWatermark,
  printKnownRows,
  stamp,
  startWatermark,
  turnWatermark,
  unitWatermark,
} from "./unit-state.ts";
import type { UnitOptions } from "./unit-options.ts";

/** What a run has set out to read. */
export interface ReadRun {
  readonly options: UnitOptions;
  /** When it started to read, an instant. */
  readonly at: string;
  readonly state: ReadonlyMap<string, WatermarkValue>;
  readonly chosen: readonly DueUnit[];
  readonly deferred: number;
  readonly window: Window | undefined;
  /** Whether rows are added to those that are there. */
  readonly appends: boolean;
  readonly plan: RunPlan;
}

/** Values by the name of their watermark. One that would go back is left out. */
export function findEnds(run: ReadRun, outcomes: readonly UnitOutcome[]): ReadonlyMap<string, WatermarkValue> {
  const { options, state, chosen, deferred, window, plan, at, appends } = run;
  const ends = new Map<string, WatermarkValue>();
  const units = new Map(chosen.map((unit) => [unit.key, unit]));
  const read = outcomes.filter(({ status }) => status !== "failed");
  for (const outcome of read) {
    const unit = units.get(outcome.key);
    if (unit?.part !== undefined && appends) {
      const time = { state, from: plan.from, isInParts: (options.partition ?? "none") !== "none" };
      for (const [name, value] of moveRead(unit, time, at)) ends.set(name, value);
      continue;
    }
    const value = unit === undefined ? undefined : reached(run, unit, outcome);
    if (value !== undefined) move(ends, state, unitWatermark(outcome.key), value);
    if (window === undefined && outcome.newest !== undefined) rememberRows(ends, run, outcome.key, outcome.newest);
  }
  if (window !== undefined) return ends;
  for (const key of listReadParents(run, read)) {
    const name = parentWatermark(key);
    ends.set(name, stamp(plan.fingerprints.get(key) ?? "", state.get(name), at));
  }
  const { watermark } = options;
  if (watermark?.kind === "time" && isPeriod(watermark.from) && plan.from !== undefined && read.length > 0) {
    move(ends, state, startWatermark, plan.from);
  }
  const last = chosen.at(-1);
  if (deferred > 0 && last !== undefined) {
    ends.set(turnWatermark, stamp(last.key.slice(0, longestTurn), state.get(turnWatermark), at));
  }
  return ends;
}

/** @throws MillraceError `SOURCE_UNREADABLE` for more rows than can be told apart from those of the next run, where rows are appended */
function rememberRows(
  ends: Map<string, WatermarkValue>,
  { state, at, appends, options: { watermark } }: ReadRun,
  key: string,
  newest: KnownRows,
): void {
  const texts = printKnownRows(newest);
  if (texts === undefined && appends) throw tooManyRows(key, watermark, newest);
  for (const [part, text] of (texts ?? []).entries()) {
    const name = newestRowsWatermark(key, part);
    ends.set(name, stamp(text, state.get(name), at));
  }
}

function tooManyRows(key: string, watermark: UnitOptions["watermark"], { value }: KnownRows): MillraceError {
  const field = watermark?.kind === "cursor" ? watermark.field : "";
  const unit = key === "" ? "" : `unit \`${key}\`: `;
  const message = `${unit}more than ${maxKnownRows} rows have \`${String(value)}\` in field \`${field}\`, by which rows are read on`;
  return new MillraceError("SOURCE_UNREADABLE", message, {
    hint: 'the next run gets them again and could not tell them from new ones, so that `append` would add them twice; use `mode: "merge"`',
  });
}

/** A watermark has at most 1,000 characters; a key that is longer only loses its turn. */
const longestTurn = 900;

function move(
  ends: Map<string, WatermarkValue>,
  state: ReadonlyMap<string, WatermarkValue>,
  name: string,
  value: WatermarkValue,
): void {
  const before = state.get(name);
  if (before === undefined || compareWatermarks(value, before) > 0) ends.set(name, value);
}

function reached(run: ReadRun, unit: DueUnit, { maximum }: UnitOutcome): WatermarkValue | undefined {
  const { options, at, window, state } = run;
  if (unit.part !== undefined) return reachedPart(unit, state);
  if (window !== undefined) return undefined;
  if (options.watermark?.kind === "units") return at;
  // a row of the future does not hide those until then
  if (typeof maximum !== "string" || !/^\d{4}-\d{2}-\d{2}/.test(maximum)) return maximum;
  return compareWatermarks(maximum, at) > 0 ? at : maximum;
}

/** The window of a run, which may begin behind what was read before, counts as far as it follows on it. */
function reachedPart({ key, part, range }: DueUnit, state: ReadonlyMap<string, WatermarkValue>): string | undefined {
  if (part === undefined || range === undefined) return undefined;
  const before = state.get(unitWatermark(key)) ?? part.start;
  return compareWatermarks(range.from, before) > 0 || range.to <= part.start ? undefined : range.to;
}

/** Rows of the activation all of whose units were read. */
function listReadParents({ plan, chosen }: ReadRun, read: readonly UnitOutcome[]): readonly string[] {
  if (plan.fingerprints.size === 0) return [];
  const done = new Set(read.map(({ key }) => key));
  const left = new Set(plan.due.filter(({ key }) => !done.has(key)).map(({ activation }) => activation));
  return [...new Set(chosen.map(({ activation }) => activation))].filter((key) => !left.has(key));
}
