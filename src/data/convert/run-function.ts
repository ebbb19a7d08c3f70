// Rows through functions of a job: they are streamed out of the engine and into a spool, so that memory does not grow with them,
// and read back with the types that they had.
import { mapScalars, parseEngineType, printEngineType } from "../../compute/engine-type.ts";
import { castExactly } from "../../compute/exact-cast.ts";
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import type { ConvertRow } from "../../core/dataset/convert-step.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { fileList } from "../files/file-list.ts";
import { PageSpool } from "../pages/page-spool.ts";
import type { StepInput, StepPlan } from "./convert-step.ts";
import { isSameName } from "./find-column.ts";
import { RowTexts } from "./row-texts.ts";
import { refuseSql } from "./step-error.ts";

/** Types of columns that a function makes, by name. */
export type DeclaredTypes = Readonly<Record<string, string>>;

/** What is called with the rows. */
export interface RowCalls {
  /** Rows in a call. */
  readonly size: number;
  /** @param begin to be called with the place of a row, from 0, before it is worked on alone */
  call(
    rows: readonly ConvertRow[],
    begin: (index: number) => void,
  ): Promise<readonly ConvertRow[]> | readonly ConvertRow[];
  /** Called once, after the last row. */
  flush(): Promise<readonly ConvertRow[]> | readonly ConvertRow[];
}

/** Reads all rows before the step, calls the functions, and gives what they returned. */
export async function runFunction(input: StepInput, calls: RowCalls, types: DeclaredTypes): Promise<StepPlan> {
  const texts = new RowTexts(input.where);
  using spool = new PageSpool(input.spool);
  let number = 0;
  const write = (rows: readonly ConvertRow[]): void => {
    for (const row of rows) {
      spool.write(encoder.encode(texts.write(row)));
      spool.endLine();
    }
  };
  for await (const rows of inLists(input, calls.size)) {
    input.signal.throwIfAborted();
    const first = number + 1;
    number += rows.length;
    let what = rows.length === 1 ? `row ${first}` : `rows ${first} to ${number}`;
    const begin = (index: number): void => void (what = `row ${first + index}`);
    write(
      await guarded(
        () => `${input.where}, ${what}`,
        () => calls.call(rows, begin),
      ),
    );
    spool.keepPage();
  }
  write(
    await guarded(
      () => `${input.where}, after the last row`,
      () => calls.flush(),
    ),
  );
  spool.end();
  return { rows: await readBack(input, texts, spool.files, types) };
}

const encoder = new TextEncoder();

async function* inLists({ session, sql, signal }: StepInput, size: number): AsyncGenerator<readonly ConvertRow[]> {
  let held: ConvertRow[] = [];
  for await (const rows of session.stream(sql, { signal })) {
    held.push(...rows);
    let start = 0;
    for (; held.length - start >= size; start += size) yield held.slice(start, start + size);
    held = held.slice(start);
  }
  if (held.length > 0) yield held;
}

/** What a function throws keeps its kind, and gets the place. */
async function guarded<T>(where: () => string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = classifyError(thrown, Date.now());
    throw new MillraceError(error.code, `${where()}: ${error.message}`, {
      cause: thrown,
      disposition: error.disposition,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    });
  }
}

async function readBack(
  input: StepInput,
  texts: RowTexts,
  files: readonly string[],
  types: DeclaredTypes,
): Promise<string> {
  const { session, columns: before } = input;
  const names = texts.names();
  if (files.length === 0 || names.length === 0) return selectNothing(before, types);
  const from = (columns: readonly Column[]): string => readLines(files, texts.longest, columns);
  const known = names.flatMap((name): Column[] => {
    const type = before.find((column) => isSameName(column.name, name))?.type;
    return type === undefined || find(types, name) !== undefined ? [] : [{ name, type }];
  });
  const kept = await findFitting(session, from, known);
  const columns = names.map((name): Column => {
    const type = kept.get(name) ?? find(types, name) ?? texts.typeOf(name);
    return { name, type };
  });
  const list = columns.map((column) => {
    const value = kept.has(column.name) ? castText(column).cast : castOrRefuse(input.where, column);
    return `${value} AS ${quoteIdentifier(column.name)}`;
  });
  return `SELECT ${list.join(", ")} FROM ${from(columns)}`;
}

/** The lines as a relation whose values are all texts. @param longest bytes of a line */
function readLines(files: readonly string[], longest: number, columns: readonly Column[]): string {
  const types = columns.map(({ name, type }) => `${quoteLiteral(name)}: ${quoteLiteral(asTexts(type))}`);
  const options = [
    "format = 'newline_delimited'",
    `columns = {${types.join(", ")}}`,
    // the engine reads pieces of this size, and small ones are slow
    `maximum_object_size = ${Math.max(minObjectBytes, longest * 2 + 1024)}`,
    "hive_partitioning = false",
  ];
  return `read_json(${fileList(files)}, ${options.join(", ")})`;
}

const minObjectBytes = 1024 * 1024;

/** Columns all of whose values have the type that the column had before, with that type. */
async function findFitting(
  session: EngineSession,
  from: (columns: readonly Column[]) => string,
  columns: readonly Column[],
): Promise<ReadonlyMap<string, string>> {
  if (columns.length === 0) return new Map();
  try {
    const counts = columns.map((column, index) => `count(*) FILTER (WHERE NOT ${castText(column).fits}) AS c${index}`);
    const [row] = await session.query(`SELECT ${counts.join(", ")} FROM ${from(columns)}`);
    const fitting = columns.filter((_column, index) => row?.[`c${index}`] === 0n);
    return new Map(fitting.map(({ name, type }) => [name, type]));
  } catch (error) {
    if (!(error instanceof MillraceError && /^(SQL_|SOURCE_UNREADABLE)/.test(error.code))) throw error;
    // Lists where objects were, and the like, cannot be read as what they were; the other columns can.
    if (columns.length === 1) return new Map();
    const each = [];
    for (const column of columns) each.push(...(await findFitting(session, from, [column])));
    return new Map(each);
  }
}

function castText({ name, type }: Column): ReturnType<typeof castExactly> {
  const column = quoteIdentifier(name);
  const text = asTexts(type);
  if (type !== "BLOB") return castExactly(column, text, type);
  return {
    cast: `from_base64(${column})`,
    fits: `(${column} IS NULL OR regexp_full_match(${column}, '[A-Za-z0-9+/]*={0,2}'))`,
  };
}

/** A value that is not of the type ends the query. */
function castOrRefuse(where: string, column: Column): string {
  const { cast, fits: holds } = castText(column);
  const refusal = refuseSql(where, `column \`${column.name}\` holds a value that is no ${column.type}`);
  return holds === "true" ? cast : `CASE WHEN ${holds} THEN ${cast} ELSE ${refusal} END`;
}

/** The type with texts in the places of all values, which is how the spool has them. */
function asTexts(type: string): string {
  return printEngineType(mapScalars(parseEngineType(type), () => ({ kind: "scalar", name: "VARCHAR", arguments: [] })));
}

function selectNothing(columns: readonly Column[], types: DeclaredTypes): string {
  const known = columns.map(({ name, type }) => ({ name, type: find(types, name) ?? type }));
  const more = Object.entries(types).filter(([name]) => !columns.some((column) => isSameName(column.name, name)));
  const all = [...known, ...more.map(([name, type]) => ({ name, type }))];
  return `SELECT ${all.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`).join(", ")} WHERE false`;
}

function find(types: DeclaredTypes, name: string): string | undefined {
  const found = Object.entries(types).find(([known]) => isSameName(known, name))?.[1];
  return found === undefined ? undefined : printEngineType(parseEngineType(found));
}
