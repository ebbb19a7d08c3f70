// One row of `COPY … (RETURN_STATS)` as a WrittenFile; column paths come as `"l"."element"`.
import type { ColumnStatistics, Row, WrittenFile } from "../engine.ts";

/** Reads DuckDB's report on one written file. */
export function toWrittenFile(row: Row): WrittenFile {
  return {
    path: String(row["filename"]),
    rows: Number(row["count"]),
    bytes: Number(row["file_size_bytes"]),
    statistics: toStatistics(entriesOf(row["column_statistics"])),
    partition: Object.fromEntries(entriesOf(row["partition_keys"]) as [string, string | null][]),
  };
}

interface MutableStatistics {
  min?: string;
  max?: string;
  nullCount?: number;
  fields?: Record<string, MutableStatistics>;
}

function toStatistics(columns: [string, unknown][]): Record<string, ColumnStatistics> {
  // Without prototypes: a column may be called `__proto__` or `constructor`.
  const root: MutableStatistics = {};
  for (const [path, values] of columns) {
    let node = root;
    for (const name of parsePath(path)) {
      node.fields ??= Object.create(null) as Record<string, MutableStatistics>;
      node = node.fields[name] ??= {};
    }
    readValues(node, new Map(entriesOf(values)));
  }
  return root.fields ?? {};
}

function readValues(node: MutableStatistics, values: Map<string, unknown>): void {
  const min = values.get("min");
  const max = values.get("max");
  const nullCount = values.get("null_count");
  if (nullCount !== undefined) node.nullCount = Number(nullCount);
  // DuckDB leaves NaN out of both bounds, which would make them wrong for readers that sort NaN last
  if (values.get("has_nan") === "true" || typeof min !== "string" || typeof max !== "string") return;
  node.min = min;
  node.max = max;
}

function parsePath(path: string): string[] {
  return Array.from(path.matchAll(/"((?:[^"]|"")*)"/g), ([, name]) => (name ?? "").replaceAll('""', '"'));
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
