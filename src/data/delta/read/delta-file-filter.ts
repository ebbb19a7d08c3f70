// Chooses the files of a table that a query must read, by what the log says of them. The engine itself judges, with its own
// types and its own order of values, over one row for each file.
import { type EngineSession, quoteLiteral } from "../../../compute/engine.ts";
import type { ScanExpression } from "../../../compute/scan-expression.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { type FieldPath, FileStatistics, type StatisticName } from "./delta-file-bounds.ts";
import { foreignBound } from "./delta-foreign-bounds.ts";
import { type FileColumns, mayBeTrue, type ValueRange } from "./delta-file-predicate.ts";
import { type DeltaRelationSource, isZoneless, partitionText } from "./delta-relation-source.ts";
import { physicalName } from "../schema/delta-column-mapping.ts";
import { type DeltaField, toEngineType } from "../schema/delta-schema.ts";

/** The files in which `filter` may be true for a row, in their order. */
export async function chooseFiles(
  session: EngineSession,
  source: DeltaRelationSource,
  filter: ScanExpression,
): Promise<readonly AddFile[]> {
  if (source.files.length === 0) return [];
  const table = new FileTable(source);
  const condition = mayBeTrue(filter, table);
  if (condition === "true") return source.files;
  if (condition === "false") return [];
  const rows = await session.query(table.select(condition)).catch((error: unknown) => {
    // a condition that the engine does not take is not used
    if (error instanceof MillraceError && error.code.startsWith("SQL_")) return undefined;
    throw error;
  });
  return rows?.flatMap((row) => source.files[Number(row["file"])] ?? []) ?? source.files;
}

/** One row for each file, with the columns that a condition turns out to ask for. */
class FileTable implements FileColumns {
  readonly #source: DeltaRelationSource;
  readonly #partitions: ReadonlySet<string>;
  /** Column → its texts, one for each file. */
  readonly #texts = new Map<string, readonly (string | null)[]>();
  readonly #casts = new Map<string, string>();
  /** Conditions under which a file is kept whatever the filter says. */
  readonly #doubts: string[] = [];
  #statistics: FileStatistics | undefined;

  constructor(source: DeltaRelationSource) {
    this.#source = source;
    this.#partitions = new Set(source.partitionColumns.map((name) => name.toLowerCase()));
  }

  exact(index: number): string | undefined {
    const field = this.#source.schema.fields[index];
    if (field === undefined || !this.#partitions.has(field.name.toLowerCase())) return undefined;
    const name = `p${index}`;
    if (!this.#casts.has(name)) {
      this.#texts.set(
        name,
        this.#source.files.map((file) => partitionText(file, field, this.#source)),
      );
      this.#casts.set(name, castOf(name, field));
      this.#doubts.push(`(${name}_text IS NOT NULL AND ${name} IS NULL)`); // reading the file says what is wrong
    }
    return name;
  }

  range(index: number, path: FieldPath): ValueRange | undefined {
    const field = this.#fieldAt(index, path);
    if (field === undefined || typeof field.type !== "string" || field.type === "binary") return undefined;
    const bound = (side: "min" | "max"): string => {
      const value = this.#add(side, index, path, (column) => castOf(column, field));
      const own = this.#add("own", index, path, (column) => `CAST(text.${column} AS BOOLEAN)`);
      const foreign = foreignBound({ type: field.type, side, value, text: `${value}_text` });
      return foreign === value ? value : `(CASE WHEN ${own} THEN ${value} ELSE ${foreign} END)`;
    };
    return {
      get min() {
        return bound("min");
      },
      get max() {
        return bound("max");
      },
    };
  }

  counts(index: number, path: FieldPath): { nulls: string; rows: string } | undefined {
    if (this.#fieldAt(index, path) === undefined) return undefined;
    const count = (what: "nullCount" | "rowCount"): string =>
      this.#add(what, index, path, (column) => `TRY_CAST(text.${column} AS BIGINT)`);
    return { nulls: count("nullCount"), rows: count("rowCount") };
  }

  select(condition: string): string {
    const shape = JSON.stringify(Object.fromEntries([...this.#texts.keys()].map((name) => [name, ["VARCHAR"]])));
    const values = JSON.stringify(Object.fromEntries(this.#texts));
    const lists = [...this.#texts.keys()].map((name) => `unnest(list.${name}) AS ${name}`);
    const casts = [...this.#casts].map(([name, sql]) => `${sql} AS ${name}, text.${name} AS ${name}_text`);
    const keep = [condition, ...this.#doubts].join(" OR ");
    return `SELECT file FROM (SELECT file, ${casts.join(", ")} FROM (
        SELECT unnest(range(${this.#source.files.length})) AS file, ${lists.join(", ")}
        FROM (SELECT from_json(${quoteLiteral(values)}, ${quoteLiteral(shape)}) AS list)) AS text)
      WHERE ${keep} ORDER BY file`;
  }

  /** Adds a column with what the statistics say; only what a condition asks for is read from the log. */
  #add(what: StatisticName, index: number, path: FieldPath, cast: (column: string) => string): string {
    const name = [what, index, ...path.map((part) => Buffer.from(part).toString("hex"))].join("_");
    if (this.#texts.has(name)) return name;
    this.#statistics ??= new FileStatistics(this.#source.files);
    this.#texts.set(name, this.#statistics.list(what, this.#physicalPath(index, path)));
    this.#casts.set(name, cast(name));
    return name;
  }

  /** Statistics have the names of the files. */
  #physicalPath(index: number, path: FieldPath): FieldPath {
    const { mapping = "none" } = this.#source;
    return [[], ...path.map((_, at) => path.slice(0, at + 1))].map((inner) => {
      const field = this.#fieldAt(index, inner);
      return field === undefined ? "" : physicalName(field, mapping);
    });
  }

  #fieldAt(index: number, path: FieldPath): DeltaField | undefined {
    let field = this.#source.schema.fields[index];
    for (const name of path) {
      const type = field?.type;
      if (typeof type !== "object" || type.type !== "struct") return undefined;
      field = type.fields.find((inner) => inner.name === name);
    }
    return field;
  }
}

/** A text of the log as a value of the column, as a query sees it; NULL for a text that is none. */
function castOf(column: string, field: DeltaField): string {
  if (typeof field.type !== "string") return "NULL";
  const value = `TRY_CAST(text.${column} AS ${toEngineType(field.type)})`;
  return isZoneless(field) ? `CAST(${value} AS TIMESTAMP)` : value;
}
