// The engine's statistics of a written file as Delta's `stats`: bounds may be wider than the values, never narrower.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics
import type { ColumnStatistics, WrittenFile } from "../../../compute/engine.ts";
import type { DeltaField, DeltaStruct } from "./delta-schema.ts";

/**
 * The JSON text of `add.stats`. Covers the first 32 columns, as Spark does; lists and maps have none.
 * A file has bounds for all its columns or for none: a bound that is missing beside others is read by PyArrow as one
 * that no row meets.
 */
export function toDeltaStatistics(file: WrittenFile, schema: DeltaStruct, partitionBy: readonly string[]): string {
  const fields = schema.fields.filter((field) => !partitionBy.includes(field.name));
  const scan: Scan = { rows: file.rows, columnsLeft: 32, bounded: true };
  const tree = collect(fields, file.statistics, scan);
  const bounds = {
    minValues: pick(tree, (leaf) => leaf.min),
    maxValues: pick(tree, (leaf) => leaf.max),
  };
  return write({
    numRecords: String(file.rows),
    ...(scan.bounded ? bounds : {}),
    nullCount: pick(tree, (leaf) => leaf.nullCount),
  });
}

/** The row count in `add.stats`, when its writer gave one. */
export function parseRowCount(stats: string | null | undefined): number | undefined {
  if (stats === null || stats === undefined || stats === "") return undefined;
  const { numRecords } = JSON.parse(stats) as { readonly numRecords?: unknown };
  return typeof numRecords === "number" ? numRecords : undefined;
}

/** Values are JSON text already, so that 64-bit integers and decimals keep every digit. */
interface Leaf {
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly nullCount?: string | undefined;
}
type StatisticsTree = Map<string, Leaf | StatisticsTree>;
interface JsonTree {
  readonly [name: string]: string | JsonTree;
}

interface Scan {
  readonly rows: number;
  columnsLeft: number;
  /** Whether every column so far that has values has bounds too. */
  bounded: boolean;
}

function collect(
  fields: readonly DeltaField[],
  statistics: Readonly<Record<string, ColumnStatistics>>,
  scan: Scan,
): StatisticsTree {
  const tree: StatisticsTree = new Map();
  for (const field of fields) {
    if (scan.columnsLeft <= 0) break;
    const found = statistics[field.name];
    if (typeof field.type === "string") {
      scan.columnsLeft -= 1;
      const leaf = toLeaf(field.type, found ?? {});
      tree.set(field.name, leaf);
      if (!isBounded(field.type, leaf, found, scan)) scan.bounded = false;
    } else if (field.type.type === "struct" && found?.fields !== undefined) {
      tree.set(field.name, collect(field.type.fields, found.fields, scan));
    }
  }
  return tree;
}

function toLeaf(type: string, { min, max, nullCount }: ColumnStatistics): Leaf {
  return {
    min: min === undefined ? undefined : toBound(type, min, "min"),
    max: max === undefined ? undefined : toBound(type, max, "max"),
    nullCount: nullCount === undefined ? undefined : String(nullCount),
  };
}

/** Binary columns have no bounds with any writer, and a column of nulls needs none. */
function isBounded(type: string, leaf: Leaf, statistics: ColumnStatistics | undefined, { rows }: Scan): boolean {
  if (type === "binary" || statistics?.nullCount === rows) return true;
  return leaf.min !== undefined && leaf.max !== undefined;
}

/** One bound as JSON text; `undefined` where none can be given safely. */
function toBound(type: string, text: string, side: "min" | "max"): string | undefined {
  if (type === "string") return toTextBound(text, side);
  if (type === "date") return /^\d{4}-\d\d-\d\d$/.test(text) ? JSON.stringify(text) : undefined;
  if (type === "timestamp") return toInstantBound(text, side);
  if (type === "timestamp_ntz") return toZonelessBound(text, side);
  if (type === "boolean") return text === "0" || text === "false" ? "false" : "true";
  if (type === "binary") return undefined;
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? text : undefined; // infinity has no JSON form
}

const maxTextLength = 32;
const lastCharacter = "\u{10FFFF}";

/** Long text is cut to 32 characters; a cut maximum gets a character that sorts after every other. */
function toTextBound(text: string, side: "min" | "max"): string | undefined {
  const characters = Array.from(text);
  if (characters.length <= maxTextLength) return JSON.stringify(text);
  const cut = characters.slice(0, maxTextLength).join("");
  if (side === "min") return JSON.stringify(cut);
  return characters[maxTextLength] === lastCharacter ? undefined : JSON.stringify(cut + lastCharacter);
}

/**
 * `2020-01-01 00:00:00.123456+00` in whole milliseconds: a minimum rounds down, a maximum up. Up from the last millisecond
 * of the year 9999 there is no text with four digits, so that this maximum keeps its microseconds, which readers know, too.
 */
function toInstantBound(text: string, side: "min" | "max"): string | undefined {
  const found = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text);
  if (found === null) return undefined;
  const [, day, time, fraction = ""] = found;
  const micros = Number(fraction.padEnd(6, "0"));
  const rounded = side === "min" ? Math.floor(micros / 1000) : Math.ceil(micros / 1000);
  const instant = Date.parse(`${day}T${time}Z`) + rounded;
  return JSON.stringify(instant > lastInstant ? `${day}T${time}.${fraction}Z` : new Date(instant).toISOString());
}

/** Rounded as an instant is; its text has no zone. */
function toZonelessBound(text: string, side: "min" | "max"): string | undefined {
  return toInstantBound(`${text}+00`, side)?.replace('Z"', '"');
}

const lastInstant = Date.parse("9999-12-31T23:59:59.999Z");

function pick(tree: StatisticsTree, value: (leaf: Leaf) => string | undefined): JsonTree {
  const picked: [string, string | JsonTree][] = [];
  for (const [name, node] of tree) {
    if (node instanceof Map) {
      const inner = pick(node, value);
      if (Object.keys(inner).length > 0) picked.push([name, inner]);
      continue;
    }
    const text = value(node);
    if (text !== undefined) picked.push([name, text]);
  }
  return Object.fromEntries(picked);
}

function write(tree: JsonTree): string {
  const members = Object.entries(tree).map(
    ([name, node]) => `${JSON.stringify(name)}:${typeof node === "string" ? node : write(node)}`,
  );
  return `{${members.join(",")}}`;
}
