// Where time begins. A start that is a period counts from the first run and is kept, because units are named after the beginning of
// their part: one that moved with every run would give every run new units, and forget what was read.
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import { floorTo, type Granularity } from "../../core/schedule/granularity.ts";
import { formatIso, toMicros } from "../../core/schedule/instant-format.ts";
import { isPeriod, type Partition, periodBefore } from "../../core/schedule/partition.ts";
import { parseTimeZone } from "../../core/schedule/time-zone.ts";
import { parseWindow } from "../../core/schedule/window.ts";
import { startWatermark } from "./unit-state.ts";
import type { UnitOptions } from "./unit-options.ts";

/** @returns an instant; `undefined` where the watermark is not one of time. @param at when the run started to read */
export function resolveStart(
  { watermark, partition = "none" }: UnitOptions,
  state: ReadonlyMap<string, WatermarkValue>,
  at: string,
): string | undefined {
  if (watermark?.kind !== "time") return undefined;
  const { from, timezone = "UTC", granularity } = watermark;
  if (!isPeriod(from)) return parseWindow(from, "9999-01-01").from;
  const kept = state.get(startWatermark);
  if (typeof kept === "string") return kept;
  const start = toMicros(periodBefore(at, from, parseTimeZone(timezone)));
  return formatIso(floorTo(start, granularity ?? stepOf(partition, from), timezone));
}

/** Parts of days and more begin at midnight. */
function stepOf(partition: Partition, period: string): Granularity {
  if (partition === "none") return period.startsWith("PT") ? "hour" : "day";
  const isHours =
    partition === "hourly" || (typeof partition === "object" && String(Object.values(partition)[0]).startsWith("PT"));
  return isHours ? "hour" : "day";
}
