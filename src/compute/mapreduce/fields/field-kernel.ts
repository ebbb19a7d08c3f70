// A table whose keys are fields of lines, with the program beside it that finds and counts them: `kernel.rs`, which runs in memory that is
// laid out here. The bytes that are read, slots, entries and keys lie one behind the other; what grows moves all behind it.
import type { FieldOperation } from "../../../core/mapreduce/map-reduce.ts";
import { kernelBinary } from "./kernel-binary.ts";

export interface FieldKernelOptions {
  /** From 0. */
  readonly key: number;
  /** Absent where lines are counted. */
  readonly value: number | undefined;
  readonly operation: FieldOperation;
  /** One byte. */
  readonly separator: number;
  /** Whether lines with quotes are left to the caller, and empty ones out. */
  readonly isCsv: boolean;
  /** Longer lines are left to the caller. */
  readonly maxLineBytes: number;
}

/** Why the kernel has stopped: for more bytes, at the end of the split, for more room in the table, at a line that it leaves to the caller. */
export type KernelStop = "more" | "done" | "full" | "left";

/** Bytes may be read up to here behind what is there. */
const padding = 64;
const stateAt = 1024;
const inputAt = 4096;
const initialInput = 1 << 18;
const initialSlots = 1 << 12;
const initialArena = 1 << 16;
const pageBytes = 1 << 16;
/** Hash, place and number of an entry; two slots of eight bytes are beside it. */
const entryBytes = 4 + 4 + 8;
const slotBytes = 8;
const none = 0xffff_ffff;
const stops: readonly KernelStop[] = ["more", "done", "full", "left"];
const operations: readonly FieldOperation[] = ["sum", "min", "max"];

/** Places in the state, in the order of the kernel's own. */
const place = {
  at: 0,
  filled: 1,
  last: 2,
  lineStart: 3,
  lineEnd: 4,
  lines: 5,
  blank: 6,
  keyField: 7,
  valueField: 8,
  separator: 9,
  operation: 10,
  isCsv: 11,
  mostLine: 12,
  count: 13,
  capacity: 14,
  mask: 15,
  arenaUsed: 16,
  arenaCapacity: 17,
  slots: 18,
  hashes: 19,
  starts: 20,
  numbers: 21,
  arena: 22,
} as const;

type Place = keyof typeof place;

interface Program {
  readonly scan: () => number;
  readonly add: (start: number, end: number, value: number) => number;
  readonly rehash: () => void;
}

interface Sizes {
  readonly input: number;
  readonly slots: number;
  readonly arena: number;
}

interface Memory {
  readonly buffer: ArrayBuffer;
  /** By pages; all arrays over the buffer have to be made anew. */
  grow(pages: number): number;
}

/** As far as it is needed; there are no types of it without those of a browser. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => Memory;
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

let compiled: object | undefined;

/** Of one thread, for one split after the other. Offsets are within `input`. */
export class FieldKernel {
  /** What was read; another array whenever something has grown. */
  input: Uint8Array<ArrayBuffer>;
  hashes: Int32Array<ArrayBuffer>;
  starts: Uint32Array<ArrayBuffer>;
  numbers: Float64Array<ArrayBuffer>;
  arena: Uint8Array<ArrayBuffer>;
  /** None: entries are numbers. */
  readonly values: readonly unknown[] = [];
  readonly #memory: Memory;
  readonly #program: Program;
  #state: Uint32Array<ArrayBuffer>;
  #sizes: Sizes = { input: initialInput, slots: initialSlots, arena: initialArena };

  constructor() {
    const memory = new WebAssembly.Memory({ initial: 1 });
    compiled ??= new WebAssembly.Module(Buffer.from(kernelBinary, "base64"));
    this.#program = new WebAssembly.Instance(compiled, { env: { memory } }).exports as Program;
    this.#memory = memory;
    this.#state = new Uint32Array(memory.buffer, stateAt, Object.keys(place).length);
    ({
      input: this.input,
      hashes: this.hashes,
      starts: this.starts,
      numbers: this.numbers,
      arena: this.arena,
    } = this.#layOut(this.#sizes));
  }

  /** Entries of the table. */
  get count(): number {
    return this.#get("count");
  }

  /** What the table takes, whether it is used or not. */
  get bytes(): number {
    return tableBytes(this.#sizes);
  }

  /** What entries take, and what a run of them does, roughly. */
  get usedBytes(): number {
    return this.#get("arenaUsed") + this.count * (entryBytes + 2 * slotBytes);
  }

  /** Lines that were counted since `prepare`; blank ones of CSV are in `blank`, too. */
  get lines(): number {
    return this.#get("lines");
  }

  get blank(): number {
    return this.#get("blank");
  }

  /** Where the next line begins. */
  get at(): number {
    return this.#get("at") - inputAt;
  }

  /** The line that was left to the caller, without its end. */
  get left(): { readonly start: number; readonly end: number } {
    return { start: this.#get("lineStart") - inputAt, end: this.#get("lineEnd") - inputAt };
  }

  /** Empties the table, and says what is done from now on. */
  prepare({ key, value, operation, separator, isCsv, maxLineBytes }: FieldKernelOptions): void {
    this.clear();
    this.#set("keyField", key);
    this.#set("valueField", value ?? none);
    this.#set("operation", operations.indexOf(operation));
    this.#set("separator", separator);
    this.#set("isCsv", isCsv ? 1 : 0);
    this.#set("mostLine", Math.min(none, maxLineBytes));
    this.#set("lines", 0);
    this.#set("blank", 0);
  }

  /** Goes through whole lines of `input`. @param last where lines begin that are left out; any number */
  scan(at: number, filled: number, last: number): KernelStop {
    this.#set("at", inputAt + at);
    this.#set("filled", inputAt + filled);
    this.#set("last", Math.max(0, Math.min(none, inputAt + last)));
    return stops[this.#program.scan()] ?? "more";
  }

  /** Adds a value to the key that is in `input`. False where there is no room. */
  add(start: number, end: number, value: number): boolean {
    return this.#program.add(inputAt + start, inputAt + end, value) === 1;
  }

  /** Bytes that `input` takes beside one for a last end of a line. */
  get inputBytes(): number {
    return this.#sizes.input;
  }

  growInput(most: number): void {
    this.#relayOut({ ...this.#sizes, input: Math.min(this.#sizes.input * 2, most) });
  }

  /** Makes room for another key of some bytes, unless the table would take more than it may. */
  grow(keyBytes: number, most: number): boolean {
    let { slots, arena } = this.#sizes;
    if (this.count === this.#get("capacity")) slots *= 2;
    while (this.#get("arenaUsed") + keyBytes > arena) arena *= 2;
    const sizes = { ...this.#sizes, slots, arena };
    if (this.count > 0 && tableBytes(sizes) > most) return false;
    this.#relayOut(sizes);
    return true;
  }

  /** Forgets all entries and keeps the room that they had. */
  clear(): void {
    this.#set("count", 0);
    this.#set("arenaUsed", 0);
    this.#slots().fill(0);
  }

  /** Forgets all entries, and begins with a small table again; memory of the large one stays for others. */
  shrink(): void {
    this.clear();
    this.#relayOut({ ...this.#sizes, slots: initialSlots, arena: initialArena });
  }

  #slots(): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#get("slots"), this.#sizes.slots * slotBytes);
  }

  #relayOut(sizes: Sizes): void {
    Object.assign(this, this.#layOut(sizes));
    this.#slots().fill(0);
    this.#program.rehash();
  }

  /** Moves what there is to where it belongs: the last first, since all moves towards the end unless there are no entries. */
  #layOut(sizes: Sizes): Pick<FieldKernel, "input" | "hashes" | "starts" | "numbers" | "arena"> {
    const entries = sizes.slots / 2;
    const slots = align(inputAt + sizes.input + padding);
    const hashes = align(slots + sizes.slots * slotBytes);
    const starts = align(hashes + entries * 4);
    const numbers = align(starts + (entries + 1) * 4);
    const arena = align(numbers + entries * 8);
    const end = arena + sizes.arena + padding;
    const missing = Math.ceil((end - this.#memory.buffer.byteLength) / pageBytes);
    if (missing > 0) this.#memory.grow(missing);
    const { buffer } = this.#memory;
    this.#state = new Uint32Array(buffer, stateAt, Object.keys(place).length);
    const count = this.#get("count");
    const moves = [
      ["arena", arena, this.#get("arenaUsed")],
      ["numbers", numbers, count * 8],
      ["starts", starts, (count + 1) * 4],
      ["hashes", hashes, count * 4],
      ["slots", slots, 0],
    ] as const;
    const all = new Uint8Array(buffer);
    for (const [name, to, bytes] of moves) {
      const from = this.#get(name);
      all.copyWithin(to, from, from + bytes);
      this.#set(name, to);
    }
    this.#set("capacity", entries);
    this.#set("mask", sizes.slots - 1);
    this.#set("arenaCapacity", sizes.arena);
    this.#sizes = sizes;
    return {
      input: new Uint8Array(buffer, inputAt, sizes.input + padding),
      hashes: new Int32Array(buffer, hashes, entries),
      starts: new Uint32Array(buffer, starts, entries + 1),
      numbers: new Float64Array(buffer, numbers, entries),
      arena: new Uint8Array(buffer, arena, sizes.arena),
    };
  }

  #get(name: Place): number {
    return this.#state[place[name]] ?? 0;
  }

  #set(name: Place, value: number): void {
    this.#state[place[name]] = value;
  }
}

function tableBytes({ slots, arena }: Sizes): number {
  return slots * slotBytes + (slots / 2) * entryBytes + arena;
}

function align(at: number): number {
  return Math.ceil(at / 16) * 16;
}
