// The units of a run: parts of time × rows of an activation, as far as they are due.
import type { Variables } from "../../core/dataset/variables.ts";
import { parseDuration } from "../../core/duration.ts";
import { findDueRange } from "../../core/schedule/due-range.ts";
import { listParts } from "../../core/schedule/partition.ts";
import { parseTimeZone } from "../../core/schedule/time-zone.ts";
import { parseWindow, type Window } from "../../core/schedule/window.ts";
import type { Activation } from "./read-inputs.ts";
import type { TimeWatermark, UnitOptions } from "./unit-options.ts";

/** A unit that may be read. */
export interface PlannedUnit {
  /** Identifies the unit over all runs; empty for one that is alone. */
  readonly key: string;
  /** What it has in common with its other parts of time. */
  readonly activation: string;
  readonly part: Window | undefined;
  readonly variables: Variables;
}

/** A unit that is due. */
export interface DueUnit extends PlannedUnit {
  /** What of its part is read. */
  readonly range: Window | undefined;
}

/** All units, in the order of time and then of the activation. @param scanAt when the run started to read, an instant */
export function planUnits(
  { watermark, partition = "none" }: UnitOptions,
  activations: readonly Activation[] | undefined,
  scan: { readonly at: string; readonly window: Window | undefined },
): readonly PlannedUnit[] {
  const parts = watermark?.kind === "time" ? [...listTimeParts(watermark, partition, scan)] : [undefined];
  const rows = activations ?? [{ key: "", variables: {} }];
  return parts.flatMap((part) =>
    rows.map(({ key, variables }) => ({
      key: [key, part === undefined || partition === "none" ? "" : part.from].filter((name) => name !== "").join(" "),
      activation: key,
      part,
      variables,
    })),
  );
}

/** Units that are due, in their order. @param done how far a unit was read, by its key */
export function listDue(
  units: readonly PlannedUnit[],
  done: ReadonlyMap<string, string>,
  watermark: UnitOptions["watermark"],
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
    if (unit.part === undefined) return [{ ...unit, range: undefined }];
    const before = { own: done.get(unit.key), newest: newest.get(unit.activation) };
    const range = findDueRange(unit.part, before, rules);
    return range === undefined ? [] : [{ ...unit, range }];
  });
}

/** A range as the service wants it written. */
export function formatWindow({ from, to }: Window, format: TimeWatermark["format"] = "iso"): Variables {
  const write = (instant: string): string | number => {
    if (format === "date") return instant.slice(0, 10);
    if (format === "seconds") return Math.floor(Date.parse(instant) / 1_000);
    return format === "milliseconds" ? Date.parse(instant) : instant;
  };
  return { from: write(from), to: write(to) };
}

function* listTimeParts(
  { from, to, timezone = "UTC", partial = true }: TimeWatermark,
  partition: NonNullable<UnitOptions["partition"]>,
  { at, window }: { readonly at: string; readonly window: Window | undefined },
): Generator<Window> {
  const range = window ?? toRange(from, to ?? at);
  if (range === undefined) return;
  for (const { isWhole, ...part } of listParts(range, partition, parseTimeZone(timezone))) {
    if (isWhole || partial || partition === "none") yield part;
  }
}

/** Nothing before `from` is there to be read. */
function toRange(from: string, to: string): Window | undefined {
  const start = parseWindow(from, "9999-01-01").from;
  const end = parseWindow("0001-01-01", to).to;
  return start < end ? { from: start, to: end } : undefined;
}
