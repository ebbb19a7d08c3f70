// DuckDB vectors as plain JavaScript rows: bigint for 64 bits and more, text for decimals and dates, arrays and objects for nested values.
import type {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBResult,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampValue,
  DuckDBType,
  DuckDBUnionValue,
  DuckDBValue,
} from "@duckdb/node-api";
import type { ColumnChunk, Row } from "../engine.ts";
import type { DuckDbModule } from "./duckdb-module.ts";

export type RowReader = (chunk: DuckDBDataChunk) => Row[];

/** Compiles one converter a column, so that a chunk is read without looking at types again. */
export function createRowReader(result: DuckDBResult, duckdb: DuckDbModule): RowReader {
  const names = result.deduplicatedColumnNames();
  const converters = result.columnTypes().map((type) => converterFor(type, duckdb));
  return (chunk) => {
    const rows: Record<string, unknown>[] = Array.from({ length: chunk.rowCount }, () => ({}));
    for (const [index, convert] of converters.entries()) {
      const name = names[index] ?? "";
      chunk.visitColumnValues(index, (value, rowIndex) => {
        const row = rows[rowIndex];
        if (row !== undefined) setValue(row, name, value === null ? null : convert(value));
      });
    }
    return rows;
  };
}

/** As `createRowReader`, by columns. */
export function createColumnReader(
  result: DuckDBResult,
  duckdb: DuckDbModule,
): (chunk: DuckDBDataChunk) => ColumnChunk {
  const names = result.deduplicatedColumnNames();
  const converters = result.columnTypes().map((type) => converterFor(type, duckdb));
  return (chunk) => {
    const columns = new Map<string, readonly unknown[]>();
    for (const [index, convert] of converters.entries()) {
      const values: unknown[] = Array.from({ length: chunk.rowCount });
      chunk.visitColumnValues(index, (value, row) => {
        values[row] = value === null ? null : convert(value);
      });
      columns.set(names[index] ?? "", values);
    }
    return { length: chunk.rowCount, columns };
  };
}

/** A column may be called `__proto__`, which an assignment would take for the prototype. */
function setValue(row: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") row[name] = value;
  else Object.defineProperty(row, name, { value, enumerable: true, writable: true, configurable: true });
}

type Converter = (value: DuckDBValue) => unknown;

function converterFor(type: DuckDBType, duckdb: DuckDbModule): Converter {
  const ids = duckdb.DuckDBTypeId;
  const nested = (inner: DuckDBType): Converter => {
    const convert = converterFor(inner, duckdb);
    return (value) => (value === null ? null : convert(value));
  };
  switch (type.typeId) {
    case ids.LIST:
    case ids.ARRAY: {
      const item = nested((type as { valueType: DuckDBType }).valueType);
      return (value) => (value as DuckDBListValue | DuckDBArrayValue).items.map(item);
    }
    case ids.STRUCT: {
      const { entryNames, entryTypes } = type as unknown as { entryNames: string[]; entryTypes: DuckDBType[] };
      const fields = entryNames.map((name, index) => [name, nested(entryTypes[index] as DuckDBType)] as const);
      return (value) => {
        const { entries } = value as DuckDBStructValue;
        return Object.fromEntries(fields.map(([name, convert]) => [name, convert(entries[name] ?? null)]));
      };
    }
    case ids.MAP: {
      const { keyType, valueType } = type as unknown as { keyType: DuckDBType; valueType: DuckDBType };
      const [toKey, toValue] = [nested(keyType), nested(valueType)];
      return (map) =>
        Object.fromEntries(
          (map as DuckDBMapValue).entries.map(({ key, value }) => [String(toKey(key)), toValue(value)]),
        );
    }
    case ids.UNION: {
      const union = type as unknown as { memberTypeForTag(tag: string): DuckDBType };
      return (value) =>
        nested(union.memberTypeForTag((value as DuckDBUnionValue).tag))((value as DuckDBUnionValue).value);
    }
    case ids.BLOB:
      // a copy, because DuckDB may give a view of its own memory
      return (value) => Uint8Array.from((value as DuckDBBlobValue).bytes);
    case ids.DATE:
      return (value) => toInstant(value as DuckDBDateValue, (value as DuckDBDateValue).days);
    case ids.TIMESTAMP:
      return (value) => toInstant(value as DuckDBTimestampValue, (value as DuckDBTimestampValue).micros);
    case ids.TIMESTAMP_S:
      return (value) => toInstant(value as DuckDBTimestampSecondsValue, (value as DuckDBTimestampSecondsValue).seconds);
    case ids.TIMESTAMP_MS:
      return (value) =>
        toInstant(value as DuckDBTimestampMillisecondsValue, (value as DuckDBTimestampMillisecondsValue).millis);
    case ids.TIMESTAMP_NS:
      return (value) =>
        toInstant(value as DuckDBTimestampNanosecondsValue, (value as DuckDBTimestampNanosecondsValue).nanos);
    case ids.TIMESTAMP_TZ:
      return (value) => zonedToIso((value as { micros: bigint }).micros, duckdb);
    default:
      // numbers, bigints, strings and booleans as they are; decimals, dates, times, intervals, UUIDs and bits as text
      return (value) => (typeof value === "object" && value !== null ? String(value) : value);
  }
}

/**
 * `2020-01-01 00:00:00.5` → `2020-01-01T00:00:00.5`. The driver prints most infinities as the days that their numbers are.
 * @param count the number of days, seconds or parts of them, whose sign is that of an infinity
 */
function toInstant(value: { readonly isFinite: boolean; toString(): string }, count: number | bigint): string {
  if (!value.isFinite) return count < 0 ? "-infinity" : "infinity";
  return value.toString().replace(" ", "T");
}

/** Zoned values print in the machine's zone; the instant itself is UTC. */
function zonedToIso(micros: bigint, duckdb: DuckDbModule): string {
  const value = new duckdb.DuckDBTimestampValue(micros);
  const text = toInstant(value, micros);
  return value.isFinite ? `${text}Z` : text;
}
