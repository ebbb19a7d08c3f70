// Merges runs into fewer ones where they are too many to be open at once: each has a window of memory and a file of its own.
import { join } from "node:path";
import { rmSync } from "node:fs";
import { AttemptFile } from "../attempt-file.ts";
import type { Pause } from "../map-task.ts";
import { RunMerge } from "./merge-runs.ts";
import { headBytes, type Run, type ValueForm } from "./run.ts";
import { RunCursor } from "./run-cursor.ts";

const mostRuns = 256;
const entriesBetweenPauses = 65_536;

/** A run, and which of its parts is meant. */
export interface RunPart {
  readonly run: Run;
  readonly part: number;
}

interface MergeOptions {
  readonly part: number;
  readonly form: ValueForm;
  readonly folder: string;
  readonly name: string;
  readonly pause: Pause;
}

/** The same entries in at most 256 runs, in the order of the ones before. @throws MillraceError `DISK_FULL` */
export async function mergeToFan(runs: readonly Run[], options: MergeOptions): Promise<readonly RunPart[]> {
  let parts: readonly RunPart[] = runs.map((run) => ({ run, part: options.part }));
  for (let round = 0; parts.length > mostRuns; round += 1) {
    const merged: RunPart[] = [];
    for (let from = 0; from < parts.length; from += mostRuns) {
      const path = join(options.folder, `merge-${options.name}-${round}-${merged.length}`);
      merged.push({ run: await mergeGroup(parts.slice(from, from + mostRuns), path, options), part: 0 });
    }
    // those that the task was given are needed by others
    if (round > 0) removeRuns(parts);
    parts = merged;
  }
  return parts;
}

/** Removes the files of runs that a task has made for itself. */
export function removeRuns(parts: readonly RunPart[]): void {
  for (const { place } of parts.map(({ run }) => run)) if (typeof place === "string") rmSync(place, { force: true });
}

async function mergeGroup(group: readonly RunPart[], path: string, { form, pause }: MergeOptions): Promise<Run> {
  const cursors = group.map(({ run, part }, order) => new RunCursor(run, { part, order, form }));
  const merge = new RunMerge(cursors);
  using file = new AttemptFile(path);
  let entries = 0;
  try {
    for (let cursor = merge.top; cursor !== undefined; cursor = merge.top) {
      writeEntry(file, cursor, form);
      entries += 1;
      if (entries % entriesBetweenPauses === 0) await pause();
      merge.pop();
    }
    const size = file.size;
    file.commit();
    return { place: path, entries, offsets: [0, size] };
  } finally {
    for (const cursor of cursors) cursor[Symbol.dispose]();
  }
}

function writeEntry(file: AttemptFile, cursor: RunCursor, form: ValueForm): void {
  const { bytes, keyStart, end } = cursor;
  const head = headBytes[form];
  file.room(head + end - keyStart);
  file.bytes.set(bytes.subarray(keyStart - head, end), file.at);
  file.at += head + end - keyStart;
}
