// One task of the map side without a function: lines of a split are counted by a field, or another one is added up. The kernel does what
// is plain; the rest is done here, with the views that `map` gets, so that both come to the same.
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import { type FieldCount, type FieldName, maxKeyBytes } from "../../../core/mapreduce/map-reduce.ts";
import { BadRecordLog } from "../bad-record-log.ts";
import { type ByteView, CsvRecord, LineRecord, ViewPool } from "../byte-view.ts";
import { type Mapped, type MapTask, toMapped } from "../map-task.ts";
import type { MapFile, Split } from "../plan-splits.ts";
import { TaskRuns } from "../runs/task-runs.ts";
import { readSplit } from "../split-reader.ts";
import { FieldKernel } from "./field-kernel.ts";
import { FieldScanner } from "./field-scanner.ts";

/** As that of `MapMemory`; room counts whether it is used or not. */
const cachedBytes = 4_500_000;

/** @param columns of the header, of a file of CSV @throws MillraceError as `mapSplit` does */
export async function countFields(
  split: Split,
  { key, value, operation }: FieldCount,
  columns: readonly string[],
  task: MapTask,
): Promise<Mapped> {
  const { code, options } = task;
  const isCsv = code.read === "csv";
  const fields = {
    key: findField(key, columns, split.file),
    value: value === undefined ? undefined : findField(value, columns, split.file),
  };
  const separator = code.separator.charCodeAt(0);
  const output = new FieldOutput(task);
  const { kernel } = output;
  kernel.prepare({ ...fields, operation, separator, isCsv, maxLineBytes: options.maxLineBytes });
  const log = new BadRecordLog(task, split.file);
  const other = new OtherLines(output, log, { ...fields, separator, columns: isCsv ? columns : undefined });
  const scanner = new FieldScanner(kernel, isCsv, options.maxLineBytes, {
    left: (start, end, at) => {
      if (end - start > options.maxLineBytes) tooLong(log, at);
      else other.take(start, end, at);
    },
    full: (keyBytes) => output.makeRoom(keyBytes),
    tooLong: (at) => tooLong(log, at),
  });
  await readSplit(split, scanner, task.pause);
  log.count(kernel.lines);
  return toMapped(output.finish(), log, kernel.lines - kernel.blank + other.added);
}

/** The table of a task, and the runs that it became. */
class FieldOutput {
  readonly kernel: FieldKernel;
  readonly #task: MapTask;
  readonly #runs: TaskRuns;
  /** Lines that are in runs. */
  #written = 0;

  constructor(task: MapTask) {
    this.#task = task;
    this.#runs = new TaskRuns(task);
    task.memory.kernel ??= new FieldKernel();
    this.kernel = task.memory.kernel;
  }

  /** Room for a key of some bytes: in a larger table, or in one that was written out. */
  makeRoom(keyBytes: number): void {
    const { kernel } = this;
    const { memory, options } = this.#task;
    if (kernel.grow(keyBytes, memory.limit(options.tableBytes, cachedBytes))) return;
    const lines = kernel.lines - this.#written;
    this.#runs.write(kernel, kernel.usedBytes);
    this.#written = kernel.lines;
    if (memory.learn(lines, kernel.count)) kernel.shrink();
    else kernel.clear();
  }

  finish(): TaskRuns {
    const { kernel } = this;
    if (kernel.count > 0) this.#runs.write(kernel, kernel.usedBytes);
    return this.#runs;
  }
}

interface Fields {
  readonly key: number;
  readonly value: number | undefined;
  readonly separator: number;
  /** Of CSV. */
  readonly columns: readonly string[] | undefined;
}

/** Lines that the kernel leaves: those with quotes, with a number that is no plain one, and bad ones. */
class OtherLines {
  added = 0;
  readonly #output: FieldOutput;
  readonly #log: BadRecordLog;
  readonly #fields: Fields;
  readonly #pool = new ViewPool();
  readonly #record: LineRecord | CsvRecord;

  constructor(output: FieldOutput, log: BadRecordLog, fields: Fields) {
    this.#output = output;
    this.#log = log;
    this.#fields = fields;
    const { separator, columns } = fields;
    this.#record =
      columns === undefined ? new LineRecord(this.#pool, separator) : new CsvRecord(this.#pool, separator, columns);
  }

  take(start: number, end: number, at: number): void {
    this.#log.count();
    try {
      this.#add(start, end);
      this.added += 1;
    } catch (thrown) {
      if (thrown instanceof MillraceError && thrown.code === "DISK_FULL") throw thrown;
      const line = this.#output.kernel.input.subarray(start, end);
      this.#log.add(thrown, at, () => Buffer.from(line).toString());
    }
  }

  #add(start: number, end: number): void {
    const { kernel } = this.#output;
    const record = this.#record;
    this.#pool.reset();
    record.bytes = kernel.input;
    record.start = start;
    record.end = end;
    if (record instanceof CsvRecord && !record.split()) throw invalid("a quote is not closed in its line");
    const value = this.#fields.value === undefined ? 1 : this.#field(this.#fields.value).number();
    if (!Number.isFinite(value)) throw invalid(`field ${this.#fields.value} is no number`);
    const key = this.#field(this.#fields.key);
    if (key.length > maxKeyBytes) throw keyTooLong(key.length);
    // without the quotes that were doubled it is shorter than it was, and nobody needs the line any more
    if (key.bytes !== kernel.input) kernel.input.set(key.bytes.subarray(key.start, key.end), start);
    const from = key.bytes === kernel.input ? key.start : start;
    while (!kernel.add(from, from + key.length, value)) this.#output.makeRoom(key.length);
  }

  #field(index: number): ByteView {
    if (!this.#record.has(index)) throw invalid(`the line has no field ${index}`);
    return this.#record.field(index);
  }
}

function tooLong(log: BadRecordLog, at: number): void {
  log.count();
  log.addTooLong(at);
}

/** @throws MillraceError `RECORD_INVALID` for a name that is not in the header */
function findField(field: FieldName, columns: readonly string[], { name }: MapFile): number {
  if (typeof field === "number") return field;
  const found = columns.lastIndexOf(field);
  if (found >= 0) return found;
  throw new MillraceError("RECORD_INVALID", `\`${name}\` has no column \`${field}\`${suggest(field, columns)}`, {
    hint: "the columns are those that the first line of the file names",
  });
}

function invalid(reason: string): MillraceError {
  return new MillraceError("RECORD_INVALID", reason, {
    hint: "say with `badRecords` how many such lines may be left out, or say with `map` what they mean",
  });
}

function keyTooLong(bytes: number): MillraceError {
  return new MillraceError("RECORD_TOO_LARGE", `expected a key of at most ${maxKeyBytes} bytes, got: \`${bytes}\``, {
    hint: "name a shorter field, or emit a part of it with `map`",
  });
}
