// A file of Parquet with two columns, `key` and `value`: texts and doubles, plain and not packed, so that it costs little more than copying
// them to write it, and to read it. It has its name only when it is whole.
import { AttemptFile } from "../attempt-file.ts";
import { encodeThrift, type ThriftField, type ThriftValue } from "./thrift.ts";

const mostRows = 1 << 16;
const mostKeyBytes = 4 << 20;
const magic = Buffer.from("PAR1");
/** Of the format. */
const type = { double: 5, bytes: 6 } as const;
const [required, utf8, plain, rle, dataPage, uncompressed] = [0, 0, 0, 3, 0, 0];
const columns = [
  { name: "key", type: type.bytes },
  { name: "value", type: type.double },
] as const;

/** Where a column of some rows is in the file. */
interface ColumnPlace {
  readonly at: number;
  readonly bytes: number;
}

interface RowGroup {
  readonly rows: number;
  readonly places: readonly ColumnPlace[];
}

/** Disposing it closes what was not committed. */
export class PairFile implements Disposable {
  rows = 0;
  readonly #file: AttemptFile;
  readonly #groups: RowGroup[] = [];
  /** Of the rows that are in no group yet: keys with their lengths in front. */
  #keys = Buffer.allocUnsafe(1 << 18);
  #keysEnd = 0;
  readonly #values = new Float64Array(mostRows);
  #count = 0;

  /** @throws MillraceError `DISK_FULL` */
  constructor(path: string) {
    this.#file = new AttemptFile(path);
    this.#put(magic);
  }

  /** @param key UTF-8 @throws MillraceError `DISK_FULL` */
  add(key: Uint8Array, length: number, value: number): void {
    if (this.#count === mostRows || (this.#count > 0 && this.#keysEnd + length > mostKeyBytes)) this.#endGroup();
    const at = this.#keysEnd + 4;
    if (at + length > this.#keys.length) this.#keys = grown(this.#keys, at + length);
    const keys = this.#keys;
    keys.writeUInt32LE(length, at - 4);
    for (let i = 0; i < length; i += 1) keys[at + i] = key[i] ?? 0;
    this.#keysEnd = at + length;
    this.#values[this.#count] = value;
    this.#count += 1;
    this.rows += 1;
  }

  /** @throws MillraceError `DISK_FULL` */
  commit(): void {
    if (this.#count > 0) this.#endGroup();
    const footer = encodeThrift(this.#describe());
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    for (const bytes of [footer, length, magic]) this.#put(bytes);
    this.#file.commit();
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  #endGroup(): void {
    const values = new Uint8Array(this.#values.buffer, 0, this.#count * 8);
    const places = [this.#keys.subarray(0, this.#keysEnd), values].map((bytes) => this.#putPage(bytes));
    this.#groups.push({ rows: this.#count, places });
    this.#count = 0;
    this.#keysEnd = 0;
  }

  #putPage(bytes: Uint8Array): ColumnPlace {
    const at = this.#file.size;
    const data = [
      [1, { i32: this.#count }],
      [2, { i32: plain }],
      [3, { i32: rle }],
      [4, { i32: rle }],
    ] as const;
    const header = encodeThrift([
      [1, { i32: dataPage }],
      [2, { i32: bytes.length }],
      [3, { i32: bytes.length }],
      [5, { struct: data }],
    ]);
    this.#put(header);
    this.#put(bytes);
    return { at, bytes: header.length + bytes.length };
  }

  #put(bytes: Uint8Array): void {
    this.#file.room(bytes.length);
    this.#file.bytes.set(bytes, this.#file.at);
    this.#file.at += bytes.length;
  }

  #describe(): readonly ThriftField[] {
    const fields = columns.map(({ name, type: physical }) => describeField(name, physical));
    const root = { struct: [[4, { text: "rows" }] as const, [5, { i32: columns.length }] as const] };
    return [
      [1, { i32: 1 }],
      [2, { list: [root, ...fields] }],
      [3, { i64: this.rows }],
      [4, { list: this.#groups.map(describeGroup) }],
    ];
  }
}

function describeField(name: string, physical: number): ThriftValue {
  const fields: ThriftField[] = [
    [1, { i32: physical }],
    [3, { i32: required }],
    [4, { text: name }],
  ];
  if (physical === type.bytes) fields.push([6, { i32: utf8 }]);
  return { struct: fields };
}

function describeGroup({ rows, places }: RowGroup): ThriftValue {
  const chunks = columns.map(({ name, type: physical }, index): ThriftValue => {
    const { at, bytes } = places[index] ?? { at: 0, bytes: 0 };
    const struct: ThriftField[] = [
      [1, { i32: physical }],
      [2, { list: [{ i32: plain }, { i32: rle }] }],
      [3, { list: [{ text: name }] }],
      [4, { i32: uncompressed }],
      [5, { i64: rows }],
      [6, { i64: bytes }],
      [7, { i64: bytes }],
      [9, { i64: at }],
    ];
    return {
      struct: [
        [2, { i64: at }],
        [3, { struct }],
      ],
    };
  });
  const bytes = places.reduce((sum, place) => sum + place.bytes, 0);
  return {
    struct: [
      [1, { list: chunks }],
      [2, { i64: bytes }],
      [3, { i64: rows }],
    ],
  };
}

function grown(bytes: Buffer<ArrayBuffer>, needed: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, needed));
  larger.set(bytes);
  return larger;
}
