// How far each unit of a job was read: its parts of time as ranges, and what it failed with since. It is made from the watermarks of the
// job, which is what runs go by, so that people see what the next run will see.
import type { JobUnit } from "../../../api/state.ts";
import { compareWatermarks, defaultWatermark } from "../../../core/dataset/watermark.ts";
import { formatRunId } from "../../../core/run-id.ts";
import { mergeWindows } from "../../../core/schedule/merge-windows.ts";
import { parseIsoInstant } from "../../../core/schedule/iso-instant.ts";
import type { UnitFailure, WatermarkRecord } from "../../../store/state/state-store.ts";
import { toInstant } from "../../views/to-instant.ts";

/** In no order. @param failures the newest first */
export function toJobUnits(
  watermarks: readonly WatermarkRecord[],
  failures: readonly UnitFailure[],
): readonly JobUnit[] {
  const units = new Map<string, UnitParts>();
  const partsOf = (tenant: string, key: string): UnitParts => {
    const id = JSON.stringify([tenant, key]);
    const parts = units.get(id) ?? { tenant, key, read: [], failed: [] };
    units.set(id, parts);
    return parts;
  };
  for (const record of watermarks) {
    const name = unitName(record.name);
    if (name === undefined) continue;
    const { key, start } = splitName(name);
    partsOf(record.tenant, key).read.push({ record, start });
  }
  for (const failure of failures) {
    const { key, start } = splitName(failure.key);
    partsOf(failure.tenant, key).failed.push({ failure, start });
  }
  const all = [...units.values()].map(toUnit);
  const furthest = furthestOf(all);
  return all.map((unit) => ({ ...unit, is_behind: isBehind(unit, furthest) }));
}

interface UnitParts {
  readonly tenant: string;
  readonly key: string;
  readonly read: { readonly record: WatermarkRecord; readonly start: string | undefined }[];
  readonly failed: { readonly failure: UnitFailure; readonly start: string | undefined }[];
}

function toUnit({ tenant, key, read, failed }: UnitParts): Omit<JobUnit, "is_behind"> {
  const newest = read.toSorted((a, b) => b.record.atMs - a.record.atMs)[0]?.record;
  const ranges = mergeWindows(
    read.flatMap(({ record, start }) =>
      start === undefined || typeof record.value !== "string" ? [] : [{ from: start, to: record.value }],
    ),
  );
  const [whole] = read.filter(({ start }) => start === undefined);
  // a part that was read after it had failed has no error any more
  const current = failed.find(({ failure, start }) => {
    const own = read.find((part) => part.start === start)?.record;
    return own?.runId === undefined || own.runId < failure.runId;
  });
  return {
    key,
    tenant,
    ranges,
    value: whole?.record.value ?? null,
    last_run_id: newest?.runId === undefined ? null : formatRunId(newest.runId),
    last_read_at: newest === undefined ? null : toInstant(newest.atMs),
    error:
      current === undefined
        ? null
        : {
            message: current.failure.error,
            from: current.start ?? null,
            run_id: formatRunId(current.failure.runId),
            at: toInstant(current.failure.atMs),
          },
  };
}

/** The key of the unit whose watermark has that name; the others of a job are not those of units. */
function unitName(name: string): string | undefined {
  if (name === defaultWatermark) return "";
  return name.startsWith("unit ") ? name.slice("unit ".length) : undefined;
}

/** The key of a unit with parts of time ends with the beginning of its part. */
function splitName(name: string): { readonly key: string; readonly start: string | undefined } {
  const [, key = "", start] = /^(?:(.*) )?(\d{4}-\d{2}-\d{2}T\S+Z)$/s.exec(name) ?? [];
  return start === undefined || parseIsoInstant(start) === undefined ? { key: name, start: undefined } : { key, start };
}

/** How far the unit with parts of time was read that was read furthest. */
export function furthestOf(units: readonly Pick<JobUnit, "ranges">[]): string | null {
  return units.reduce<string | null>((furthest, { ranges }) => {
    const end = ranges.at(-1)?.to;
    return end === undefined || (furthest !== null && compareWatermarks(end, furthest) <= 0) ? furthest : end;
  }, null);
}

/** Something is missing that another unit has, or that was tried. */
function isBehind({ ranges, value, error }: Omit<JobUnit, "is_behind">, furthest: string | null): boolean {
  const end = ranges.at(-1)?.to;
  if (error !== null || ranges.length > 1 || (end === undefined && value === null)) return true;
  return end !== undefined && furthest !== null && compareWatermarks(end, furthest) < 0;
}
