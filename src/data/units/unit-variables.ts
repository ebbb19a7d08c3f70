// What variables of a unit stand for.
import { toCursor } from "../../core/dataset/cursor-value.ts";
import type { SourceUnit } from "../../core/dataset/source.ts";
import type { Variables } from "../../core/dataset/variables.ts";
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import { parseDuration } from "../../core/duration.ts";
import { formatInstant, toMicros } from "../../core/schedule/instant-format.ts";
import type { Window } from "../../core/schedule/window.ts";
import { formatWindow } from "./format-window.ts";
import type { DueUnit } from "./plan-units.ts";
import type { CursorWatermark, UnitOptions } from "./unit-options.ts";
import { findKnownRows, unitWatermark } from "./unit-state.ts";

export interface UnitSituation {
  readonly state: ReadonlyMap<string, WatermarkValue>;
  /** Of the run. */
  readonly window: Window | undefined;
}

/** The unit with its own variables. */
export function toSourceUnit(unit: DueUnit, { watermark }: UnitOptions, { state, window }: UnitSituation): SourceUnit {
  const { key, range, variables } = unit;
  const time = watermark?.kind === "time" ? watermark : {};
  const asked = range ?? window;
  const inWindow = asked === undefined ? {} : { window: formatWindow(asked, time) };
  if (watermark?.kind !== "cursor") {
    return { key, variables: { ...variables, ...inWindow, ...(asked === undefined ? {} : { watermark: asked.from }) } };
  }
  const value = findCursor(key, watermark, { state, window });
  const known = value === undefined || window !== undefined ? undefined : findKnownRows(state, key, value);
  return {
    key,
    variables: { ...variables, ...inWindow, ...toCursorVariable(value, watermark) },
    ...(known === undefined ? {} : { known }),
  };
}

/** Where the unit is read on from; a run with a window reads from its beginning, where the field is one of time. */
function findCursor(
  key: string,
  watermark: CursorWatermark,
  { state, window }: UnitSituation,
): WatermarkValue | undefined {
  const { from } = watermark;
  const value = state.get(unitWatermark(key)) ?? (from === undefined ? undefined : toCursor(from, watermark));
  return window === undefined || typeof value === "number" ? value : window.from;
}

function toCursorVariable(
  value: WatermarkValue | undefined,
  { formats, format, timezone = "UTC", overlap = "0s" }: CursorWatermark,
): Variables {
  if (value === undefined) return {};
  const written = format ?? formats?.[0];
  if (written === undefined || typeof value === "number") return { watermark: value };
  const again = BigInt(parseDuration(overlap)) * 1_000n;
  return { watermark: formatInstant(toMicros(value) + microsBelow(value) - again, written, timezone) };
}

/** Microseconds of an instant below its milliseconds. */
function microsBelow(instant: string): bigint {
  return BigInt(/\.\d{3}(\d{3})Z$/.exec(instant)?.[1] ?? "0");
}
