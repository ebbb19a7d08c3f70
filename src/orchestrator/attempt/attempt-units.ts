// `ctx.units` of one attempt: what a declared job remembers of its units. However many there are, they are loaded with one question
// and moved with one transaction; what the run reads is fixed before it is published.
import { isFullRefresh } from "../../core/job/full-refresh.ts";
import { sampleRowsOf } from "../../core/job/sample.ts";
import type { JobUnits, UnfinishedUnits, UnitsRead } from "../../core/job/job-context.ts";
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import type { UnfinishedRead, WatermarkMove, WatermarkRecord } from "../../store/state/state-store.ts";
import type { CreateJobContextInput } from "./job-context-input.ts";

type UnitsInput = Pick<CreateJobContextInput, "run" | "lease" | "yieldPoint" | "services" | "now">;

/** The loop that units of sources are in, beside those of `ctx.each`. */
export const sourceLoop = "source";

/** Says how many steps have the ends of what the run has read. */
export const readStep = "units:read";
/** Bytes of a step, of the 1 MiB that it may have. */
const maxStepLength = 256 * 1024;

/** `ctx.units` of one attempt. */
export function createUnits({ run, lease, yieldPoint, services, now }: UnitsInput): JobUnits {
  /** Versions that the attempt knows of. */
  let seen: ReadonlyMap<string, WatermarkRecord> | undefined;
  const load = async (): Promise<ReadonlyMap<string, WatermarkValue>> => {
    yieldPoint.assertOpen();
    const records = await lease.listWatermarks();
    seen = new Map(records.map((record) => [record.name, record]));
    const isAnew = isFullRefresh(run.params);
    // a full refresh knows of nothing but what it has done itself
    const known = records.filter(({ runId }) => !isAnew || runId === run.runId);
    return new Map(known.map(({ name, value }) => [name, value]));
  };
  return {
    load,
    startOfReading: () => {
      const at = new Date(now()).toISOString();
      return services.startOfReading?.(run.job, at) ?? at;
    },
    loadRead: async () => {
      yieldPoint.assertOpen();
      return await loadRead(lease);
    },
    findUnfinished: async () => {
      yieldPoint.assertOpen();
      if (isFullRefresh(run.params)) return undefined;
      const found = await lease.findUnfinishedRead(readStep);
      if (found === undefined) return undefined;
      if (seen === undefined) await load();
      return toUnfinished(found, seen ?? new Map());
    },
    saveRead: async (units, ends) => {
      yieldPoint.assertOpen();
      await lease.saveUnits(
        units.map(({ key, error }) => ({
          loop: sourceLoop,
          key,
          ...(error === undefined ? { state: "done" } : { state: "failed", error }),
        })),
      );
      const parts = cut([...ends]);
      for (const [index, part] of parts.entries()) await lease.saveStep(`${readStep}:${index}`, part);
      // the last one, which says that the others are there
      await lease.saveStep(readStep, parts.length);
    },
    advance: async (values) => {
      yieldPoint.assertOpen();
      // what a sample has read is read again
      if (sampleRowsOf(run.params) !== undefined) return;
      if (seen === undefined) await load();
      const moves = Array.from(values, ([name, value]): WatermarkMove => ({
        name,
        value,
        seenVersion: seen?.get(name)?.version ?? 0,
      }));
      const moved = await lease.advanceWatermarks(moves);
      seen = new Map([...(seen ?? []), ...moved.map((record) => [record.name, record] as const)]);
      yieldPoint.safePlace();
    },
  };
}

type End = readonly [name: string, value: WatermarkValue];

async function loadRead(lease: UnitsInput["lease"]): Promise<UnitsRead | undefined> {
  const count = await lease.loadStep(readStep);
  if (count === undefined) return undefined;
  const ends: End[] = [];
  for (let index = 0; index < Number(count.value); index += 1) {
    // What `saveRead` saved is a list of ends.
    ends.push(...((await lease.loadStep(`${readStep}:${index}`))?.value as unknown as readonly End[]));
  }
  const units = await lease.loadUnits(sourceLoop);
  return {
    units: new Set(units.filter(({ state }) => state === "done").map(({ key }) => key)),
    ends: new Map(ends),
  };
}

/**
 * What a run has read that ended in ERROR.
 * @param records the watermarks of its job
 * @returns `undefined` when somebody has moved one of its watermarks since: the run itself, one after it, or a person
 */
export function toUnfinished(
  { runId, createdAtMs, parts }: UnfinishedRead,
  records: ReadonlyMap<string, WatermarkRecord>,
): UnfinishedUnits | undefined {
  // What `saveRead` saved are lists of ends.
  const ends = new Map((parts as unknown as readonly (readonly End[])[]).flat());
  const isMoved = [...ends.keys()].some((name) => {
    const { runId: by = 0, changedBy, atMs = -1 } = records.get(name) ?? {};
    // a run before it may have moved it in the same millisecond
    return by >= runId || atMs > createdAtMs || (changedBy !== undefined && atMs === createdAtMs);
  });
  return isMoved ? undefined : { runId, createdAtMs, ends };
}

function cut(ends: readonly End[]): End[][] {
  const parts: End[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const end of ends) {
    if (length > maxStepLength) {
      parts.push([]);
      length = 0;
    }
    length += JSON.stringify(end).length;
    parts.at(-1)?.push(end);
  }
  return parts;
}
