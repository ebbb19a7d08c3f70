// Counts the records of a task, and decides what becomes of one that cannot be read or that `map` throws on.
import { MillraceError } from "../../core/errors/errors.ts";
import type { MapReduceCode } from "../../core/mapreduce/map-reduce.ts";
import { lineNumberAt } from "./read-header.ts";
import type { BadRecord, TaskOptions } from "./task-options.ts";

/** A file, or what rows come from. */
interface Place {
  readonly name: string;
  readonly path?: string;
  readonly codec?: string;
}

const mostTextLength = 8_192;

export class BadRecordLog {
  records = 0;
  bad = 0;
  readonly letters: BadRecord[] = [];
  readonly #code: MapReduceCode;
  readonly #options: TaskOptions;
  readonly #place: Place;

  constructor({ code, options }: { readonly code: MapReduceCode; readonly options: TaskOptions }, place: Place) {
    this.#code = code;
    this.#options = options;
    this.#place = place;
  }

  /** Called for records, before they are looked at. */
  count(records = 1): void {
    this.records += records;
  }

  /** Which of the rows [from, to) it was is not known. @throws MillraceError `MAP_FAILED` | `RECORD_TOO_LARGE` */
  failBatch(thrown: unknown, from: number, to: number): never {
    throw this.#toError(thrown, from, `rows ${from + 1} to ${to} of \`${this.#place.name}\``);
  }

  /** @throws MillraceError `MAP_FAILED`, `RECORD_INVALID`, `RECORD_TOO_LARGE` when there are more than there may be */
  add(thrown: unknown, at: number, text: () => string): void {
    const error = this.#toError(thrown, at);
    this.bad += 1;
    if (this.bad > this.#options.bad.most) throw error;
    if (!this.#options.bad.isKept) return;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    this.letters.push({ file: this.#place.name, at, reason, text: text().slice(0, mostTextLength) });
  }

  addTooLong(at: number): void {
    const message = `expected a line of at most ${this.#options.maxLineBytes} bytes, got a longer one`;
    const hint = "look at whether the file has lines at all, or raise `maxLineBytes`";
    this.add(new MillraceError("RECORD_TOO_LARGE", message, { hint }), at, () => "");
  }

  #toError(thrown: unknown, at: number, where: string = this.#describe(at)): MillraceError {
    if (thrown instanceof MillraceError && (thrown.code === "RECORD_INVALID" || thrown.code === "RECORD_TOO_LARGE")) {
      const { code, hint } = thrown;
      return new MillraceError(code, `${where}: ${thrown.message}`, {
        ...(hint === undefined ? {} : { hint }),
        cause: thrown,
        details: { file: this.#place.name, at },
      });
    }
    const reason = thrown instanceof Error ? thrown.message : `it threw \`${typeof thrown}\``;
    return new MillraceError("MAP_FAILED", `\`map\` of job \`${this.#code.job}\` failed on ${where}: ${reason}`, {
      hint: "correct `map`, or say with `badRecords` how many such records may be left out",
      cause: thrown,
      details: { file: this.#place.name, at },
    });
  }

  #describe(at: number): string {
    const { name, path, codec } = this.#place;
    if (path === undefined) return `row ${at + 1} of \`${name}\``;
    // a packed file is read from its start
    const line = codec === undefined ? lineNumberAt(path, at) : this.records;
    return `line ${line} of \`${name}\`, byte ${at}`;
  }
}
