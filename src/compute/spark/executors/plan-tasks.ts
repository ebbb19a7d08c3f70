// Gathers parts of the input into tasks that are worth the start of a process.
import type { MapFile } from "../../mapreduce/plan-splits.ts";
import { planSplits } from "../../mapreduce/plan-splits.ts";
import type { ExecutorTask, MapPart } from "./executor-protocol.ts";
import type { RowFile } from "./row-files.ts";

const taskBytes = 32 << 20;
const mostSplitBytes = 128 << 20;
const mostTasks = 256;

/** Ranges of files, as the threads of one machine have them, but larger. */
export function planFileParts(files: readonly MapFile[], splitBytes?: number): readonly MapPart[] {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const usual = Math.min(mostSplitBytes, Math.max(taskBytes, Math.ceil(total / mostTasks)));
  return planSplits(files, 1, splitBytes ?? usual).map((split) => ({ index: split.index, split }));
}

/** Files of rows. @param name what people call where the rows come from */
export function planRowParts(files: readonly RowFile[], name: string): readonly MapPart[] {
  return files.map(({ path, first, bytes }, index) => ({ index, rows: path, bytes, name, first }));
}

/** Parts in their order, those of small files together. @param bytesOf a part, when it is not a task for itself */
export function planMapTasks(parts: readonly MapPart[], most: number = taskBytes): readonly ExecutorTask[] {
  const groups: MapPart[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    const own = "split" in part ? part.split.end - part.split.start : most;
    if (bytes + own > most) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(part);
    bytes += own;
  }
  return groups.map((group, task) => ({ stage: "map", task, parts: group }));
}

/** A power of two: as many parts of the hash space as tasks of the map side, within reason. */
export function countReduceParts(mapTasks: number): number {
  return 2 ** Math.ceil(Math.log2(Math.min(mostTasks, Math.max(1, mapTasks))));
}
