// One task of the map side: the records of a split, or rows, become sorted runs. What it returns is all that it did: an attempt that
// ends before has done nothing that anybody sees.
import type { MapRow } from "../../core/mapreduce/map-reduce.ts";
import { BadRecordLog } from "./bad-record-log.ts";
import { ColumnBatch, type RowChunk } from "./column-batch.ts";
import { Emitter } from "./emitter.ts";
import { type LineSink, scanLines } from "./line-scanner.ts";
import { type Mapped, type MapTask, toMapped } from "./map-task.ts";
import type { Split } from "./plan-splits.ts";
import { hasMark, readHeader } from "./read-header.ts";
import { assertNoPromise, createMapCall } from "./record-call.ts";
import { TaskRuns } from "./runs/task-runs.ts";

/** @throws MillraceError `MAP_FAILED`, `RECORD_INVALID`, `RECORD_TOO_LARGE`, `SOURCE_UNREADABLE`, `DISK_FULL` */
export async function mapSplit(split: Split, task: MapTask): Promise<Mapped> {
  const { code, options, pause } = task;
  const columns = code.read === "csv" ? await readHeader(split.file, code.separator, options.maxLineBytes) : [];
  if (code.count !== undefined) {
    // jobs with functions need not load it
    const { countFields } = await import("./fields/count-fields.ts");
    return await countFields(split, code.count, columns, task);
  }
  const log = new BadRecordLog(task, split.file);
  const output = new MapOutput(task);
  const { emitter } = output;
  const call = createMapCall(code, emitter, columns);
  const isHeaded = code.read === "csv";
  const sink: LineSink = {
    pause,
    line(bytes, from, end, at) {
      if (at === 0 && isHeaded) return;
      log.count();
      const start = at === 0 && hasMark(bytes, from, end) ? from + 3 : from;
      try {
        call(bytes, start, end);
        emitter.settle();
      } catch (thrown) {
        emitter.discard();
        log.add(thrown, at, () => Buffer.from(bytes.subarray(start, end)).toString());
      }
      output.spillIfLarge();
    },
    tooLong(at) {
      log.count();
      log.addTooLong(at);
    },
  };
  await scanLines(split, options.maxLineBytes, sink);
  return output.finish(log);
}

/** As `mapSplit`, for rows that an engine reads. @param first the number of the first row among all, from 0 */
export async function mapRows(
  rows: AsyncIterable<RowChunk> | Iterable<RowChunk>,
  name: string,
  task: MapTask,
  first = 0,
): Promise<Mapped> {
  const log = new BadRecordLog(task, { name });
  const output = new MapOutput(task);
  const { emitter } = output;
  const { map, mapBatch } = task.code;
  let at = first;
  for await (const chunk of rows) {
    if (!isRows(chunk)) {
      const { length } = chunk;
      log.count(length);
      try {
        assertNoPromise(mapBatch?.(new ColumnBatch(chunk), emitter.emit));
      } catch (thrown) {
        log.failBatch(thrown, at, at + length);
      }
      output.spillIfLarge();
      at += length;
      await task.pause();
      continue;
    }
    for (const row of chunk) {
      log.count();
      try {
        map?.(row, emitter.emit);
        emitter.settle();
      } catch (thrown) {
        emitter.discard();
        log.add(thrown, at, () => JSON.stringify(row, toJson));
      }
      output.spillIfLarge();
      at += 1;
    }
    await task.pause();
  }
  return output.finish(log);
}

function isRows(chunk: RowChunk): chunk is readonly MapRow[] {
  return Array.isArray(chunk);
}

/** The table of a task, and the runs that it became. */
class MapOutput {
  readonly emitter: Emitter;
  readonly #task: MapTask;
  readonly #runs: TaskRuns;
  /** Values that are in runs. */
  #written = 0;

  constructor(task: MapTask) {
    this.#task = task;
    this.#runs = new TaskRuns(task);
    const { table } = task.memory;
    table.clear();
    // at the first bad record nothing counts any more, so nothing has to wait
    this.emitter = new Emitter(table, task.code, task.options.bad.most > 0);
  }

  spillIfLarge(): void {
    const { memory, options } = this.#task;
    if (memory.table.bytes <= memory.limit(options.tableBytes)) return;
    const values = this.emitter.emitted - this.#written;
    this.#write();
    memory.emptyFull(values);
  }

  finish(log: BadRecordLog): Mapped {
    if (this.emitter.table.count > 0) this.#write();
    return toMapped(this.#runs, log, this.emitter.emitted);
  }

  #write(): void {
    const { table } = this.emitter;
    this.#runs.write(table, table.bytes);
    this.#written = this.emitter.emitted;
  }
}

/** Integers of 64 bits as texts. */
function toJson(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
