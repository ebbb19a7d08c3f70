// Takes what `map` emits: adds it to the totals of the thread's table, or keeps each value where nothing can be added. What a record has
// emitted counts when `map` has returned, where a record that fails is left out.
import { MillraceError } from "../../core/errors/errors.ts";
import {
  type Combination,
  type Emit,
  type EmitBytes,
  type MapKey,
  type MapReduceCode,
  maxKeyBytes,
} from "../../core/mapreduce/map-reduce.ts";
import { ByteView } from "./byte-view.ts";
import type { KeyTable } from "./key-table.ts";
import { isCombination, valueFormOf } from "./task-options.ts";

type Add = (bytes: Uint8Array, start: number, end: number, value: unknown) => void;

/** What a value on the heap takes besides what it holds. */
const valueOverhead = 48;

/** One for each task. Its functions are handed to `map`, so that none is made for a record. */
export class Emitter {
  readonly table: KeyTable;
  /** Values that were emitted by records that count. */
  emitted = 0;
  /** For `mapBytes`; the buffer is that of `record`. */
  readonly emitBytes: EmitBytes;
  /** For `map`. */
  readonly emit: Emit;
  #buffer: Uint8Array = new Uint8Array(0);
  #scratch = Buffer.alloc(256);
  readonly #pending: Pending | undefined;
  readonly #add: Add;

  /** @param table an empty one @param isHeld whether values wait until their record is done */
  constructor(table: KeyTable, code: Pick<MapReduceCode, "reduce">, isHeld: boolean) {
    this.table = table;
    const add = addTo(table, code);
    this.#pending = isHeld ? new Pending() : undefined;
    const pending = this.#pending;
    this.#add = add;
    const take: Add = pending === undefined ? add : (...taken) => pending.keep(...taken);
    this.emitBytes = (start, end, value) => {
      if (end - start > maxKeyBytes) throw keyTooLong(end - start);
      if (start < 0 || end > this.#buffer.length || start > end) throw outside(start, end);
      this.emitted += 1;
      take(this.#buffer, start, end, value);
    };
    this.emit = (key, value) => {
      this.emitted += 1;
      if (key instanceof ByteView) {
        if (key.end - key.start > maxKeyBytes) throw keyTooLong(key.end - key.start);
        take(key.bytes, key.start, key.end, value);
      } else {
        const length = this.#encode(key);
        take(this.#scratch, 0, length, value);
      }
    };
  }

  /** Says what buffer the next record is in. */
  begin(buffer: Uint8Array): void {
    this.#buffer = buffer;
  }

  /** What the record has emitted counts. */
  settle(): void {
    this.#pending?.settle(this.#add);
  }

  /** What the record has emitted does not count. */
  discard(): void {
    if (this.#pending !== undefined) this.emitted -= this.#pending.drop();
  }

  #encode(key: Exclude<MapKey, ByteView> | undefined | null): number {
    if (typeof key !== "string" && typeof key !== "number") throw notAKey(key);
    const text = String(key);
    const { length } = text;
    if (length > maxKeyBytes) throw keyTooLong(length);
    if (length * 3 > this.#scratch.length) this.#scratch = Buffer.alloc(length * 3);
    const scratch = this.#scratch;
    if (length > 64) return assertKey(scratch.write(text));
    for (let i = 0; i < length; i += 1) {
      const character = text.charCodeAt(i);
      if (character >= 128) return scratch.write(text);
      scratch[i] = character;
    }
    return length;
  }
}

/** Values of one record. */
class Pending {
  #bytes = new Uint8Array(256);
  #used = 0;
  readonly #ends: number[] = [];
  readonly #values: unknown[] = [];

  keep(bytes: Uint8Array, start: number, end: number, value: unknown): void {
    const used = this.#used + end - start;
    if (used > this.#bytes.length) {
      const grown = new Uint8Array(used * 2);
      grown.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes.subarray(start, end), this.#used);
    this.#used = used;
    this.#ends.push(used);
    this.#values.push(value);
  }

  settle(add: Add): void {
    let start = 0;
    for (let i = 0; i < this.#ends.length; i += 1) {
      const end = this.#ends[i] ?? start;
      add(this.#bytes, start, end, this.#values[i]);
      start = end;
    }
    this.drop();
  }

  drop(): number {
    const { length } = this.#ends;
    this.#ends.length = 0;
    this.#values.length = 0;
    this.#used = 0;
    return length;
  }
}

function addTo(table: KeyTable, code: Pick<MapReduceCode, "reduce">): Add {
  const { reduce } = code;
  if (!isCombination(reduce)) {
    return (bytes, start, end, value) => {
      table.append(bytes, start, end);
      table.values.push(value);
      table.weigh(weightOf(value));
    };
  }
  return valueFormOf(code) === "number" ? addNumber(table, reduce) : addValue(table, reduce);
}

function addNumber(table: KeyTable, reduce: Combination): Add {
  const init = reduce.init as number;
  return (bytes, start, end, value) => {
    const known = table.count;
    const entry = table.upsert(bytes, start, end);
    const total = reduce.add(entry === known ? init : table.numbers[entry], value);
    if (typeof total !== "number") throw notANumber(total);
    table.numbers[entry] = total;
  };
}

function addValue(table: KeyTable, reduce: Combination): Add {
  const { init } = reduce;
  const begin = typeof init === "function" ? (init as () => unknown) : () => init;
  return (bytes, start, end, value) => {
    const known = table.count;
    const entry = table.upsert(bytes, start, end);
    const total = reduce.add(entry === known ? begin() : table.values[entry], value);
    if (entry === known) table.weigh(weightOf(total));
    table.values[entry] = total;
  };
}

/** Roughly, in bytes. */
function weightOf(value: unknown): number {
  if (typeof value === "bigint") throw notJson();
  if (typeof value === "string") return valueOverhead + value.length * 2;
  if (typeof value !== "object" || value === null) return 16;
  return valueOverhead + (JSON.stringify(value)?.length ?? 0) * 2;
}

function assertKey(length: number): number {
  if (length > maxKeyBytes) throw keyTooLong(length);
  return length;
}

function keyTooLong(bytes: number): MillraceError {
  return new MillraceError("RECORD_TOO_LARGE", `expected a key of at most ${maxKeyBytes} bytes, got: \`${bytes}\``, {
    hint: "emit a part of it, or its hash",
  });
}

function notAKey(key: unknown): TypeError {
  return new TypeError(
    `expected a key to be a text, a number or a field, got: \`${key === null ? "null" : typeof key}\``,
  );
}

function notANumber(total: unknown): TypeError {
  return new TypeError(`expected \`add\` to return a number, as \`init\` is one, got: \`${typeof total}\``);
}

function outside(start: number, end: number): RangeError {
  return new RangeError(`expected a key within the buffer, got: \`${start}\` to \`${end}\``);
}

function notJson(): TypeError {
  return new TypeError("expected a value that JSON has, got: `a bigint`");
}
