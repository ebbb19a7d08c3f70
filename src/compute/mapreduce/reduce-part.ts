// One task of the reduce side: a part of all runs, merged, becomes rows in a file. Values of a key pass by one after the other, however
// many there are.
import { join } from "node:path";
import type { MapReduceCode } from "../../core/mapreduce/map-reduce.ts";
import { KeyGroups } from "./key-groups.ts";
import type { Pause } from "./map-task.ts";
import { JsonRows } from "./rows/json-rows.ts";
import { PairRows } from "./rows/pair-rows.ts";
import type { ValueKind } from "./rows/reduced-rows.ts";
import { mergeToFan, removeRuns } from "./runs/merge-to-fan.ts";
import { RunMerge } from "./runs/merge-runs.ts";
import type { Run } from "./runs/run.ts";
import { RunCursor } from "./runs/run-cursor.ts";
import { valueFormOf } from "./task-options.ts";

/** What a task of the reduce side has done. */
export interface Reduced {
  /** In the order of the hashes of their keys: a file of one JSON object a line, or of Parquet for pairs. */
  readonly file: string;
  readonly keys: number;
  readonly rows: number;
  /** Entries of runs that were merged, and their bytes. */
  readonly entries: number;
  readonly bytes: number;
  /** What the values of `{ key, value }` are; absent for rows that a job makes itself, and without a row. */
  readonly values?: ValueKind;
}

export interface ReduceTask {
  /** Of the attempt, for the names of files. */
  readonly name: string;
  readonly code: MapReduceCode;
  readonly folder: string;
  /** Whether rows are pairs of a key and a number, in a file of Parquet. */
  readonly arePairs: boolean;
  readonly pause: Pause;
}

const keysBetweenPauses = 4_096;

/** @throws MillraceError `REDUCE_FAILED`, `DISK_FULL` */
export async function reducePart(part: number, runs: readonly Run[], task: ReduceTask): Promise<Reduced> {
  const { code, folder, pause, name, arePairs } = task;
  const form = valueFormOf(code);
  const inPart = runs.filter(({ offsets }) => (offsets[part + 1] ?? 0) > (offsets[part] ?? 0));
  const bytes = inPart.reduce((sum, { offsets }) => sum + (offsets[part + 1] ?? 0) - (offsets[part] ?? 0), 0);
  const few = await mergeToFan(inPart, { part, form, folder, name, pause });
  const cursors = few.map(({ run, part: place }, order) => new RunCursor(run, { part: place, order, form }));
  const path = join(folder, `rows-${String(part).padStart(5, "0")}`);
  using output = arePairs ? new PairRows(`${path}.parquet`) : new JsonRows(`${path}.ndjson`, code);
  try {
    const groups = new KeyGroups(new RunMerge(cursors), code);
    while (groups.next()) {
      output.add(groups);
      if (groups.keys % keysBetweenPauses === 0) await pause();
    }
    output.commit();
    const { keys, entries } = groups;
    const { file, rows, values } = output;
    return { file, keys, rows, entries, bytes, ...(values === undefined ? {} : { values }) };
  } finally {
    for (const cursor of cursors) cursor[Symbol.dispose]();
    removeRuns(few.filter(({ run }) => !inPart.includes(run)));
  }
}
