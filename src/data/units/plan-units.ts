// The units of a run: parts of time × rows of an activation, as far as they are due.
import type { Variables } from "../../core/dataset/variables.ts";
import { parseDuration } from "../../core/duration.ts";
import { findDueRange } from "../../core/schedule/due-range.ts";
import { floorTo } from "../../core/schedule/granularity.ts";
import { formatIso, toMicros } from "../../core/schedule/instant-format.ts";
import {
  hasSections,
  listSectionParts,
  listSections,
  type Section,
  type SectionPart,
} from "../../core/schedule/partition-sections.ts";
import type { Partition } from "../../core/schedule/partition.ts";
import { parseTimeZone } from "../../core/schedule/time-zone.ts";
import { parseWindow, type Window } from "../../core/schedule/window.ts";
import type { Activation } from "./read-inputs.ts";
import { fixedEnd, type TimeWatermark, type UnitOptions, type UnitWatermark } from "./unit-options.ts";

/** A unit that may be read. */
export interface PlannedUnit {
  /** Identifies the unit over all runs; empty for one that is alone. */
  readonly key: string;
  /** What it has in common with its other parts of time. */
  readonly activation: string;
  readonly part: SectionPart | undefined;
  readonly variables: Variables;
}

/** A unit that is due. */
export interface DueUnit extends PlannedUnit {
  /** What of its part is read. */
  readonly range: Window | undefined;
  /** What it has waited since: units that wait longest come first. Empty for one that was never read. */
  readonly since: string;
}

/** What decides which parts of time there are. */
export interface Scan {
  /** When the run started to read, an instant. */
  readonly at: string;
  /** Where time begins, an instant; for watermarks of the kind `time`. */
  readonly from: string | undefined;
  /** Of the run. */
  readonly window: Window | undefined;
}

/** All units, in the order of time and then of the activation. */
export function planUnits(
  { watermark, partition = "none" }: UnitOptions,
  activations: readonly Activation[] | undefined,
  scan: Scan,
): readonly PlannedUnit[] {
  const parts = watermark?.kind === "time" ? [...listTimeParts(watermark, partition, scan)] : [undefined];
  const rows = activations ?? [{ key: "", variables: {} }];
  return parts.flatMap((part) =>
    rows.map(({ key, variables }) => ({
      key: [key, part === undefined || partition === "none" ? "" : part.start].filter((name) => name !== "").join(" "),
      activation: key,
      part,
      variables,
    })),
  );
}

/** Units that are due, in their order. @param done how far a unit was read, or when, by its key @param at an instant */
export function listDue(
  units: readonly PlannedUnit[],
  done: ReadonlyMap<string, string>,
  watermark: UnitWatermark | undefined,
  at: string,
): readonly DueUnit[] {
  const newest = new Map<string, string>();
  for (const { key, activation } of units) {
    const own = done.get(key);
    const before = newest.get(activation);
    if (own !== undefined && (before === undefined || own > before)) newest.set(activation, own);
  }
  const { grace, abstain } = { grace: undefined, abstain: undefined, ...watermark };
  const rules = { graceMs: parseDuration(grace ?? "0s"), abstainMs: parseDuration(abstain ?? "0s") };
  return units.flatMap((unit): DueUnit[] => {
    const own = done.get(unit.key);
    if (unit.part === undefined) {
      const isLeftAlone =
        own !== undefined && (abstain === undefined || Date.parse(at) < Date.parse(own) + rules.abstainMs);
      return isLeftAlone ? [] : [{ ...unit, range: undefined, since: own ?? "" }];
    }
    const range = findDueRange(unit.part, { own, newest: newest.get(unit.activation) }, rules);
    return range === undefined ? [] : [{ ...unit, range, since: own ?? unit.part.from }];
  });
}

/** All units, whatever was read of them before. */
export function listAll(units: readonly PlannedUnit[]): readonly DueUnit[] {
  return units.map((unit) => ({ ...unit, range: unit.part, since: "" }));
}

function* listTimeParts(watermark: TimeWatermark, partition: Partition, scan: Scan): Generator<SectionPart> {
  const { partial = true, timezone = "UTC" } = watermark;
  const zone = parseTimeZone(timezone);
  for (const { sections, range } of listRanges(watermark, partition, scan)) {
    for (const part of listSectionParts(sections, range, zone)) {
      if (part.isWhole || partial || partition === "none") yield part;
    }
  }
}

interface ScannedRange {
  readonly sections: readonly Section[];
  readonly range: Window;
}

/**
 * What of time is read. The window of a run is cut where the parts of all runs are, and may begin before all of them. It ends now at
 * the latest: what counts as read is read by no other run.
 */
function listRanges(watermark: TimeWatermark, partition: Partition, scan: Scan): ScannedRange[] {
  const { granularity, timezone = "UTC" } = watermark;
  const { at, from = at, window } = scan;
  const floored = (instant: string): string =>
    granularity === undefined ? instant : formatIso(floorTo(toMicros(instant), granularity, timezone));
  // the day of the year 1 stands for no bound
  const last = floored(window === undefined ? parseWindow("0001-01-01", fixedEnd(watermark) ?? at).to : at);
  const end = window === undefined || window.to > last ? last : window.to;
  const start = window?.from ?? from;
  if (partition === "none" && start < end) {
    const whole = { from: start < from ? start : from, to: end };
    return [{ sections: [{ ...whole, step: partition, isClosed: false }], range: { from: start, to: end } }];
  }
  const found: ScannedRange[] = [];
  if (start < from && !hasSections(partition)) {
    const early = { from: start, to: from < end ? from : end };
    found.push({ sections: [{ ...early, step: partition, isClosed: true }], range: early });
  }
  const range = { from: start > from ? start : from, to: end };
  if (range.from < end) found.push({ sections: listSections(partition, { from, to: end }), range });
  return found;
}
