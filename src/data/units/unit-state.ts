// How far each unit was read, in the watermarks of the job. Units that an attempt has read are fixed before their rows are
// published, so that a later attempt of the run reads those and no others.
import { createHash } from "node:crypto";
import { z } from "zod";
import { compareWatermarks, type WatermarkValue } from "../../core/dataset/watermark.ts";
import type { JobContext, JobWatermark } from "../../core/job/job-context.ts";

export type UnitContext = Pick<JobContext, "watermark" | "checkpoint">;

/** The watermark of a unit; a unit that is alone has that of the job. */
export function unitWatermark({ watermark }: UnitContext, key: string): JobWatermark {
  if (key === "") return watermark();
  const name = `unit ${key}`;
  if (name.length <= longestName) return watermark(name);
  return watermark(`${name.slice(0, longestName - 40)} ${createHash("sha256").update(key).digest("hex").slice(0, 32)}`);
}

/** Units that an earlier attempt of the run may have published; `undefined` when there was none. */
export async function loadReadUnits({ checkpoint }: UnitContext): Promise<ReadonlySet<string> | undefined> {
  const saved = await checkpoint.load(readUnitsSchema);
  return saved === undefined ? undefined : new Set(saved.units);
}

/** Durable when it resolves; to be called before anything is published. */
export async function saveReadUnits({ checkpoint }: UnitContext, units: readonly string[]): Promise<void> {
  await checkpoint.save({ units: [...units] });
}

/** Moves the watermark of a unit forward, never back. */
export async function advanceUnit(ctx: UnitContext, key: string, value: WatermarkValue): Promise<void> {
  const watermark = unitWatermark(ctx, key);
  const before = await watermark.load();
  if (before !== undefined && compareWatermarks(value, before) <= 0) return;
  await watermark.advance(value);
}

const longestName = 200;
const readUnitsSchema = z.object({ units: z.array(z.string()) });
