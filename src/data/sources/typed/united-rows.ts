// Files of the engine's own format, Parquet, as one relation. The engine unites types by itself, and then rounds: a whole number
// beside a DOUBLE, 0.5 beside a DECIMAL(38,0). So types are united here, and a column for which no type holds all values is text.
import { isSameType, parseEngineType, untyped } from "../../../compute/engine-type.ts";
import { type Column, type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import { isWidening, unifyTypes } from "../../../compute/widen-type.ts";
import { fileList } from "../../files/file-list.ts";
import { describeDifferences } from "../source-differences.ts";
import type { SourceRows } from "../source-rows.ts";

/**
 * One `select` over the rows of Parquet files, united by column name.
 * @throws MillraceError `SOURCE_UNREADABLE` naming the file
 */
export async function unitedRows(session: EngineSession, files: readonly string[]): Promise<SourceRows> {
  const plain = `SELECT * FROM ${readFiles(files)}`;
  const layouts = await listLayouts(session, files);
  const [first, ...others] = new Set(layouts.values());
  if (first === undefined || others.length === 0) return { sql: plain, untyped: [], warnings: [] };
  const united = await uniteColumns(session, files, layouts);
  const own = files.map((file) => ({ file, columns: layouts.get(file) ?? [] }));
  const warnings = describeDifferences(own, united, (type, to) => !isWidening(type, to));
  const engines = await session.describe(plain);
  const isSafe = united.every(({ type }, index) => isSameType(engines[index]?.type ?? untyped, type));
  return { sql: isSafe ? plain : selectEach(own, united), untyped: [], warnings };
}

function readFiles(files: readonly string[]): string {
  return `read_parquet(${fileList(files)}, union_by_name = true, hive_partitioning = false)`;
}

/** File → its columns; files with the same footer share one list, of which there are few. */
async function listLayouts(
  session: EngineSession,
  files: readonly string[],
): Promise<ReadonlyMap<string, readonly Column[]>> {
  const rows = await session.query(
    `SELECT file_name AS file, md5(string_agg(to_json(s)::VARCHAR, ',')) AS layout
      FROM (SELECT file_name, {n: name, t: type, r: repetition_type, c: num_children, p: precision, s: scale, l: logical_type,
        v: converted_type} AS s FROM parquet_schema(${fileList(files)})) GROUP BY file_name`,
  );
  const layouts = new Map(rows.map(({ file, layout }) => [file as string, layout as string] as const));
  const columns = new Map<string, readonly Column[]>();
  for (const [file, layout] of layouts) {
    if (!columns.has(layout)) columns.set(layout, await session.describe(`SELECT * FROM ${readFiles([file])}`));
  }
  return new Map(files.map((file) => [file, columns.get(layouts.get(file) ?? "") ?? []] as const));
}

async function uniteColumns(
  session: EngineSession,
  files: readonly string[],
  layouts: ReadonlyMap<string, readonly Column[]>,
): Promise<Column[]> {
  const found = new Map<string, { readonly name: string; readonly types: Set<string>; readonly files: string[] }>();
  for (const file of files) {
    for (const { name, type } of layouts.get(file) ?? []) {
      const column = found.get(name.toLowerCase()) ?? { name, types: new Set<string>(), files: [] };
      found.set(name.toLowerCase(), column);
      column.types.add(type);
      column.files.push(file);
    }
  }
  const united: Column[] = [];
  for (const { name, types, files: having } of found.values()) {
    const all = [...types].reduce<string | undefined>((a, b) => a && unifyTypes(a, b), untyped);
    united.push({ name, type: all ?? (await typeByValues(session, name, types, having)) });
  }
  return united;
}

/** A type that has not all values of all types may still have all that are there. */
async function typeByValues(
  session: EngineSession,
  name: string,
  types: ReadonlySet<string>,
  files: readonly string[],
): Promise<string> {
  const candidate = candidates.find(({ of }) => [...types].every((type) => of.test(type)));
  if (candidate === undefined) return "VARCHAR";
  const column = quoteIdentifier(name);
  for (const file of files) {
    const sql = `SELECT count(*) FILTER (WHERE NOT (${candidate.holds(column)})) AS n FROM ${readFiles([file])}`;
    const [row] = await session.query(sql);
    if (row?.["n"] !== 0n) return "VARCHAR";
  }
  return candidate.type;
}

/** pandas writes a column with a null as doubles, and another day's as whole numbers; its newer versions write other timestamps. */
const candidates: readonly { readonly type: string; readonly of: RegExp; holds(column: string): string }[] = [
  {
    type: "DOUBLE",
    of: /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE)$/,
    holds: (column) => `typeof(${column}) IN ('FLOAT', 'DOUBLE') OR abs(${column}::HUGEINT) <= 9007199254740992`,
  },
  {
    type: "TIMESTAMP",
    of: /^TIMESTAMP(_S|_MS|_NS)?$/,
    holds: (column) => `typeof(${column}) <> 'TIMESTAMP_NS' OR epoch_ns(${column}) % 1000 = 0`,
  },
];

/** Files that follow each other and have the same columns are read together, so that rows stay in the order of the files. */
function selectEach(
  own: readonly { readonly file: string; readonly columns: readonly Column[] }[],
  united: readonly Column[],
): string {
  const groups: { readonly columns: readonly Column[]; readonly files: string[] }[] = [];
  for (const { file, columns } of own) {
    const last = groups.at(-1);
    if (last?.columns === columns) last.files.push(file);
    else groups.push({ columns, files: [file] });
  }
  const selects = groups.map(({ columns, files }) => {
    const list = united.map((column) => {
      const mine = columns.find(({ name }) => name.toLowerCase() === column.name.toLowerCase());
      return `${castSql(mine, column.type)} AS ${quoteIdentifier(column.name)}`;
    });
    return `SELECT ${list.join(", ")} FROM ${readFiles(files)}`;
  });
  return selects.join("\nUNION ALL ");
}

function castSql(column: Column | undefined, type: string): string {
  if (column === undefined) return `CAST(NULL AS ${type})`;
  const value = quoteIdentifier(column.name);
  const asJson = type === "VARCHAR" && parseEngineType(column.type).kind !== "scalar";
  return `CAST(${asJson ? `to_json(${value})` : value} AS ${type})`;
}
