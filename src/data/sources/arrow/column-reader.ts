// Reads the values of Arrow columns out of their buffers: the package makes doubles of instants, and zeros of wide decimals.
// @see https://arrow.apache.org/docs/format/Columnar.html
import type * as arrowModule from "apache-arrow";
import type { Data, DataType, Field, Vector } from "apache-arrow";
import { parseEngineType, printEngineType, untyped } from "../../../compute/engine-type.ts";
import { within } from "../typed/nested-text.ts";
import { printDay, printDecimal, printDouble, printInstant, printTime, printUuid } from "../typed/value-text.ts";

type Arrow = typeof arrowModule;

/** How values of a column are read. */
export interface ColumnReader {
  /** As the engine prints it. */
  readonly type: string;
  /** Whether texts are JSON. */
  readonly isNested: boolean;
  /** The text at a place of a part of the column. */
  bind(data: Data): (index: number) => string | null;
}

type Numbers = ArrayLike<number | bigint>;

/** @throws Error for a type that a table cannot hold */
export function createColumnReader(arrow: Arrow, { name, type, metadata }: Field): ColumnReader {
  const reader = readerOf(arrow, type, metadata);
  if (reader !== undefined) return reader;
  throw new Error(`column \`${name}\` has the type \`${String(type)}\`, which is not read`);
}

function readerOf(arrow: Arrow, type: DataType, metadata: ReadonlyMap<string, string>): ColumnReader | undefined {
  const { DataType: is } = arrow;
  if (is.isNull(type)) return scalar(untyped, () => () => null);
  if (is.isBool(type))
    return scalar(
      "BOOLEAN",
      ({ values, offset }) =>
        (at) =>
          printBit(values as Uint8Array, offset + at),
    );
  if (is.isInt(type)) return numbers(integerType(type.bitWidth, type.isSigned), String);
  if (is.isFloat(type)) return readFloat(arrow, type.precision);
  if (is.isDecimal(type)) return readDecimal(type.precision, type.scale, type.bitWidth);
  if (is.isDate(type)) return readDate(type.unit === arrow.DateUnit.DAY);
  if (is.isTimestamp(type)) return readTimestamp(scaleOf(type.unit), (type.timezone ?? "") !== "");
  if (is.isTime(type)) return readTime(scaleOf(type.unit));
  // an interval holds no nanoseconds: the number of units does
  if (is.isDuration(type)) return numbers("BIGINT", String);
  if (is.isInterval(type)) return readInterval(arrow, type.unit);
  if (is.isUtf8(type) || is.isLargeUtf8(type) || is.isUtf8View(type))
    return readThroughVector(arrow, "VARCHAR", String);
  if (is.isBinary(type) || is.isLargeBinary(type) || is.isBinaryView(type)) return readBytes(arrow, metadata);
  if (is.isFixedSizeBinary(type)) return readBytes(arrow, metadata);
  if (is.isDictionary(type)) return readDictionary(arrow, type.dictionary as DataType, metadata);
  if (is.isList(type) || is.isLargeList(type) || is.isFixedSizeList(type))
    return readList(arrow, type.children[0], type);
  if (is.isStruct(type)) return readStruct(arrow, type.children);
  if (is.isMap(type)) return readMap(arrow, type.children[0]);
  return undefined;
}

/** Values that are there; what is null never comes to `read`. */
function scalar(type: string, bind: (data: Data) => (index: number) => string | null, isNested = false): ColumnReader {
  return {
    type,
    isNested,
    bind: (data) => {
      const read = bind(data);
      return data.nullCount === 0 ? read : (index) => (data.getValid(index) ? read(index) : null);
    },
  };
}

/** Values that each have one place in a buffer of numbers. */
function numbers(type: string, print: (value: number | bigint) => string): ColumnReader {
  return scalar(type, ({ values }) => {
    const buffer = values as Numbers;
    return (index) => print(buffer[index] ?? 0);
  });
}

function integerType(bits: number, isSigned: boolean): string {
  const name = { 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" }[bits] ?? "BIGINT";
  return isSigned ? name : `U${name}`;
}

function printBit(bits: Uint8Array, at: number): string {
  return (((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 1 ? "true" : "false";
}

function readFloat(arrow: Arrow, precision: number): ColumnReader {
  if (precision === arrow.Precision.HALF)
    return readThroughVector(arrow, "FLOAT", (value) => printDouble(Number(value)));
  return numbers(precision === arrow.Precision.SINGLE ? "FLOAT" : "DOUBLE", (value) => printDouble(Number(value)));
}

function readDecimal(precision: number, scale: number, bits: number): ColumnReader {
  const type = precision <= 38 && scale >= 0 && scale <= precision ? `DECIMAL(${precision},${scale})` : "VARCHAR";
  const words = bits / 32;
  return scalar(type, ({ values }) => {
    const buffer = values as Uint32Array;
    return (index) => {
      let unscaled = 0n;
      for (let word = words - 1; word >= 0; word -= 1) {
        unscaled = (unscaled << 32n) | BigInt(buffer[index * words + word] ?? 0);
      }
      return printDecimal(BigInt.asIntN(bits, unscaled), scale);
    };
  });
}

function readDate(isDays: boolean): ColumnReader {
  if (isDays) return numbers("DATE", (value) => printDay(Number(value)));
  return numbers("TIMESTAMP", (value) => printInstant(BigInt(value), 3));
}

type Scale = 0 | 3 | 6 | 9;

/** Seconds, milliseconds, microseconds, nanoseconds. */
function scaleOf(unit: number): Scale {
  return ([0, 3, 6, 9] as const)[unit] ?? 0;
}

function readTimestamp(scale: Scale, hasZone: boolean): ColumnReader {
  // the engine has no instants of nanoseconds with a zone; the time is that of UTC
  const type = scale === 9 ? "TIMESTAMP_NS" : hasZone ? "TIMESTAMP WITH TIME ZONE" : "TIMESTAMP";
  const zone = type === "TIMESTAMP WITH TIME ZONE" ? "+00" : "";
  return numbers(type, (value) => `${printInstant(BigInt(value), scale)}${zone}`);
}

function readTime(scale: Scale): ColumnReader {
  return numbers(scale === 9 ? "VARCHAR" : "TIME", (value) => printTime(BigInt(value), scale));
}

function readInterval(arrow: Arrow, unit: number): ColumnReader | undefined {
  if (unit === arrow.IntervalUnit.YEAR_MONTH) return numbers("INTERVAL", (value) => `${value} months`);
  if (unit !== arrow.IntervalUnit.DAY_TIME) return undefined;
  return scalar("INTERVAL", ({ values }) => {
    const buffer = values as Int32Array;
    return (index) => `${buffer[index * 2] ?? 0} days ${buffer[index * 2 + 1] ?? 0} milliseconds`;
  });
}

/** Values that the package reads as they are. */
function readThroughVector(arrow: Arrow, type: string, print: (value: unknown) => string): ColumnReader {
  return scalar(type, (data) => {
    const vector = new arrow.Vector([data]);
    return (index) => print(vector.get(index));
  });
}

function readBytes(arrow: Arrow, metadata: ReadonlyMap<string, string>): ColumnReader {
  const isUuid = metadata.get("ARROW:extension:name") === "arrow.uuid";
  const print = (value: unknown): string =>
    isUuid ? printUuid(value as Uint8Array) : Buffer.from(value as Uint8Array).toString("hex");
  return readThroughVector(arrow, isUuid ? "UUID" : "BLOB", print);
}

/** Values by number, of which a file may add more while it goes on. */
function readDictionary(arrow: Arrow, type: DataType, metadata: ReadonlyMap<string, string>): ColumnReader | undefined {
  const entry = readerOf(arrow, type, metadata);
  if (entry === undefined) return undefined;
  const known = new WeakMap<Vector, readonly (string | null)[]>();
  const textsOf = (dictionary: Vector): readonly (string | null)[] => {
    const texts =
      known.get(dictionary) ??
      dictionary.data.flatMap((part) => {
        const read = entry.bind(part);
        return Array.from({ length: part.length }, (_, index) => read(index));
      });
    known.set(dictionary, texts);
    return texts;
  };
  const bind = ({ values, dictionary }: Data): ((index: number) => string | null) => {
    const texts = dictionary === undefined ? [] : textsOf(dictionary);
    const indices = values as Numbers;
    return (index) => {
      const text = texts[Number(indices[index] ?? 0)];
      if (text === undefined) throw new Error("a value names one of a dictionary that is not there");
      return text;
    };
  };
  return scalar(entry.type, bind, entry.isNested);
}

function readList(arrow: Arrow, item: Field | undefined, type: DataType): ColumnReader | undefined {
  const reader = item === undefined ? undefined : readerOf(arrow, item.type, item.metadata);
  if (reader === undefined) return undefined;
  const size = arrow.DataType.isFixedSizeList(type) ? type.listSize : undefined;
  const bind = (data: Data): ((index: number) => string) => {
    const [child] = data.children;
    const read = child === undefined ? () => null : reader.bind(child);
    const rangeOf = rangesOf(data, size);
    return (index) => {
      const [start, end] = rangeOf(index);
      const texts: string[] = [];
      for (let at = start; at < end; at += 1) texts.push(within(read(at), reader.isNested));
      return `[${texts.join(",")}]`;
    };
  };
  return scalar(`${asText(reader.type)}[]`, bind, true);
}

/** Where the items of a list are among those of all lists. */
function rangesOf({ valueOffsets }: Data, size: number | undefined): (index: number) => readonly [number, number] {
  if (size !== undefined) return (index) => [index * size, (index + 1) * size];
  const offsets = valueOffsets as Numbers;
  return (index) => [Number(offsets[index] ?? 0), Number(offsets[index + 1] ?? 0)];
}

function readStruct(arrow: Arrow, children: readonly Field[]): ColumnReader | undefined {
  const fields = children.flatMap(({ name, type, metadata }) => {
    const reader = readerOf(arrow, type, metadata);
    return reader === undefined ? [] : [{ name, key: JSON.stringify(name), reader }];
  });
  if (fields.length < children.length || fields.length === 0) return undefined;
  const type = printEngineType({
    kind: "struct",
    fields: fields.map(({ name, reader }) => ({ name, type: parseEngineType(asText(reader.type)) })),
  });
  const bind = (data: Data): ((index: number) => string) => {
    const reads = fields.map(({ reader }, place) => {
      const child = data.children[place];
      return child === undefined ? () => null : reader.bind(child);
    });
    return (index) => {
      const texts = fields.map(({ key, reader }, place) => {
        return `${key}:${within(reads[place]?.(index) ?? null, reader.isNested)}`;
      });
      return `{${texts.join(",")}}`;
    };
  };
  return scalar(type, bind, true);
}

/** A list of keys and values. */
function readMap(arrow: Arrow, entry: Field | undefined): ColumnReader | undefined {
  const [key, value] = (entry?.type.children ?? []).map((field: Field) => readerOf(arrow, field.type, field.metadata));
  if (key === undefined || value === undefined || key.isNested) return undefined;
  const bind = (data: Data): ((index: number) => string) => {
    const [keys, values] = data.children[0]?.children ?? [];
    const readKey = keys === undefined ? () => null : key.bind(keys);
    const readValue = values === undefined ? () => null : value.bind(values);
    const rangeOf = rangesOf(data, undefined);
    return (index) => {
      const [start, end] = rangeOf(index);
      const texts: string[] = [];
      for (let at = start; at < end; at += 1) {
        texts.push(`${JSON.stringify(readKey(at) ?? "")}:${within(readValue(at), value.isNested)}`);
      }
      return `{${texts.join(",")}}`;
    };
  };
  return scalar(`MAP(${key.type}, ${asText(value.type)})`, bind, true);
}

/** Within others, what never has a value is text. */
function asText(type: string): string {
  return type === untyped ? "VARCHAR" : type;
}
