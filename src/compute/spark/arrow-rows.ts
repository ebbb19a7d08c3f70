// Spark's Arrow batches as plain rows, read out of their buffers: the package makes doubles of instants, and words of decimals.
// @see https://arrow.apache.org/docs/format/Columnar.html
import type * as arrowModule from "apache-arrow";
import type { Data, DataType, Field } from "apache-arrow";
import { MillraceError } from "../../core/errors/errors.ts";
import { loadOptional } from "../../core/errors/optional-package.ts";
import type { Row } from "../engine.ts";

type Arrow = typeof arrowModule;

/** Rows of one batch in Arrow's stream format. @throws MillraceError `SQL_INVALID` for columns that a row cannot hold */
export type ArrowRowReader = (stream: Uint8Array) => Row[];

/**
 * bigint for 64-bit integers and durations (in microseconds), text for decimals, dates and instants in ISO form, arrays and objects
 * for nested values, `null` for NULL.
 * @throws MillraceError `DEPENDENCY_MISSING`
 */
export async function createArrowRowReader(): Promise<ArrowRowReader> {
  const arrow = await loadOptional("apache-arrow", "rows of Spark", () => import("apache-arrow"));
  return (stream) => {
    const table = arrow.tableFromIPC(stream);
    assertDistinct(table.schema.fields);
    return table.batches.flatMap((batch) => {
      const columns = table.schema.fields.map((field, place) => {
        const data = batch.data.children[place];
        if (data === undefined) throw new Error("a batch has fewer columns than it says");
        return { name: field.name, read: bind(arrow, field, data) };
      });
      return Array.from({ length: batch.numRows }, (_, index) => toRow(columns, index));
    });
  };
}

type Read = (index: number) => unknown;

function assertDistinct(fields: readonly Field[]): void {
  const names = fields.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new MillraceError("SQL_INVALID", `expected each column of a result once, got: \`${twice}\``, {
    hint: "name the columns with `as`",
  });
}

function toRow(columns: readonly { readonly name: string; readonly read: Read }[], index: number): Row {
  // entries, because a column may be called `__proto__`
  return Object.fromEntries(columns.map(({ name, read }) => [name, read(index)]));
}

/** Reads the values of one column, at places of this part of it. */
function bind(arrow: Arrow, field: Field, data: Data): Read {
  const read = bindValues(arrow, field, data);
  return (index) => (data.getValid(index) ? read(index) : null);
}

function bindValues(arrow: Arrow, { name, type }: Field, data: Data): Read {
  const { DataType: is } = arrow;
  if (is.isNull(type)) return () => null;
  if (is.isDecimal(type)) return bindDecimal(type.scale, type.bitWidth / 32, data);
  if (is.isDate(type)) return bindDate(arrow, type.unit, data);
  if (is.isTimestamp(type)) return bindInstant(arrow, type, data);
  if (is.isDuration(type)) return (index) => (data.values as BigInt64Array)[index];
  if (is.isList(type) || is.isMap(type)) return bindList(arrow, type, data);
  if (is.isStruct(type)) return bindStruct(arrow, type.children, data);
  if (is.isBinary(type)) {
    const vector = arrow.makeVector(data);
    return (index) => Uint8Array.from(vector.get(index) as Uint8Array);
  }
  if (is.isBool(type) || is.isInt(type) || is.isFloat(type) || is.isUtf8(type)) {
    const vector = arrow.makeVector(data);
    return (index) => vector.get(index) as unknown;
  }
  throw new MillraceError(
    "SQL_INVALID",
    `column \`${name}\` has a type that rows do not hold, got: \`${String(type)}\``,
    {
      hint: "cast it, for example to STRING",
    },
  );
}

/** Words of 32 bits, the lowest first. */
function bindDecimal(scale: number, words: number, data: Data): Read {
  const values = data.values as Uint32Array;
  return (index) => {
    let unscaled = 0n;
    for (let word = words - 1; word >= 0; word -= 1) {
      unscaled = (unscaled << 32n) | BigInt(values[index * words + word] ?? 0);
    }
    return printDecimal(BigInt.asIntN(words * 32, unscaled), scale);
  };
}

function printDecimal(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const sign = unscaled < 0n ? "-" : "";
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function bindDate(arrow: Arrow, unit: number, data: Data): Read {
  const values = data.values as Int32Array | BigInt64Array;
  const msOf = unit === arrow.DateUnit.DAY ? 86_400_000 : 1;
  return (index) => new Date(Number(values[index]) * msOf).toISOString().replace(/T.*$/, "");
}

/** Those with a zone are instants, and end in `Z`. */
function bindInstant(
  arrow: Arrow,
  { unit, timezone }: { unit: number; timezone?: string | null | undefined },
  data: Data,
): Read {
  const values = data.values as BigInt64Array;
  const perSecond = { [arrow.TimeUnit.SECOND]: 1n, [arrow.TimeUnit.MILLISECOND]: 1_000n }[unit];
  const unitsPerSecond = perSecond ?? (unit === arrow.TimeUnit.MICROSECOND ? 1_000_000n : 1_000_000_000n);
  const suffix = (timezone ?? "") === "" ? "" : "Z";
  return (index) => printInstant(values[index] ?? 0n, unitsPerSecond) + suffix;
}

function printInstant(value: bigint, unitsPerSecond: bigint): string {
  const rest = ((value % unitsPerSecond) + unitsPerSecond) % unitsPerSecond;
  const seconds = new Date(Number((value - rest) / unitsPerSecond) * 1000).toISOString().replace(/\.\d+Z$/, "");
  if (rest === 0n) return seconds;
  const digits = rest.toString().padStart(unitsPerSecond.toString().length - 1, "0");
  return `${seconds}.${digits.replace(/0+$/, "")}`;
}

/** A map is a list of entries. */
function bindList(arrow: Arrow, type: DataType, data: Data): Read {
  const [field, child] = [type.children?.[0] as Field | undefined, data.children[0]];
  if (field === undefined || child === undefined) return () => [];
  const offsets = data.valueOffsets as Int32Array;
  const read = bind(arrow, field, child);
  const items = (index: number): unknown[] => {
    const [start, end] = [offsets[index] ?? 0, offsets[index + 1] ?? 0];
    return Array.from({ length: end - start }, (_, place) => read(start + place));
  };
  if (!arrow.DataType.isMap(type)) return items;
  const [key = "key", value = "value"] = (field.type.children as Field[]).map(({ name }) => name);
  return (index) => {
    const entries = items(index) as Record<string, unknown>[];
    return Object.fromEntries(entries.map((entry) => [String(entry[key]), entry[value]]));
  };
}

function bindStruct(arrow: Arrow, fields: readonly Field[], data: Data): Read {
  const columns = fields.flatMap((field, place) => {
    const child = data.children[place];
    return child === undefined ? [] : [{ name: field.name, read: bind(arrow, field, child) }];
  });
  return (index) => toRow(columns, index);
}
