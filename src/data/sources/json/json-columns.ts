// The query over spooled rows. All columns and their types are said to the engine, so that it infers nothing.
import { printEngineType, untyped } from "../../../compute/engine-type.ts";
import { quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { fileList } from "../../files/file-list.ts";
import { createPlace, type Field, mergePlace, type Place } from "../../pages/key-place.ts";
import { numberMark } from "../../pages/row-runs.ts";
import { isJsonText, type JsonShape } from "./json-shape.ts";
import { asText, selectExact, type TypedColumn } from "./json-select.ts";
import { wantTableTypes } from "./json-table.ts";
import { replaceScalar, typeOfShape } from "./json-types.ts";
import type { SourceRows, KnownTable } from "../source-rows.ts";
import { findTypes, hasQuoted, type PlacesOfShapes, toShape } from "./json-column-types.ts";

export interface SpooledRows {
  readonly files: readonly string[];
  /** What was found at the places of all rows. */
  readonly place: Place;
  /** Bytes of the longest row. */
  readonly longestRow: number;
  /** Pages that were read. */
  readonly pages: number;
  readonly noun: "page" | "file";
}

/** @throws MillraceError `SOURCE_UNREADABLE` for names that cannot be columns */
export async function selectRows(rows: SpooledRows, table: KnownTable): Promise<SourceRows> {
  const fields = rows.place.fields ?? [];
  if (fields.length === 0) return { untyped: [], warnings: [] };
  const places: PlacesOfShapes = new Map();
  const columns = listColumns(fields, places);
  if (table.isVerbatim) wantTableTypes(columns, (await table.columns()) ?? []);
  findTypes(places);
  const typed = columns.map(({ name, fields: own, shape }) => {
    const type = typeOfShape(shape);
    return {
      name,
      keys: own.map((field) => field.name),
      type,
      isSimple: isSimple(own, shape),
      isMarked: own.some((field) => hasQuoted(field.place)),
    };
  });
  return {
    sql: selectFound(rows, typed),
    telling: (file) => selectFound(rows, typed, file),
    untyped: typed.filter(({ type }) => printEngineType(type) === untyped).map(({ name }) => name),
    warnings: [...describeCases(columns), ...describePages(columns, rows)],
  };
}

interface FoundColumn {
  readonly name: string;
  /** Several when their names differ in case only. */
  readonly fields: Field[];
  readonly shape: JsonShape;
}

function listColumns(fields: readonly Field[], places: PlacesOfShapes): FoundColumn[] {
  if (fields.some(({ name }) => name === "")) throw emptyName();
  const groups = Map.groupBy(fields, ({ name }) => name.toLowerCase());
  return Array.from(groups.values(), (group) => {
    const [first] = group;
    return { name: first?.name ?? "", fields: group, shape: toShape(unite(group), places) };
  });
}

function unite(group: readonly Field[]): Place {
  const [first, ...others] = group;
  if (first !== undefined && others.length === 0) return first.place;
  const place = createPlace();
  for (const field of group) mergePlace(place, field.place);
  return place;
}

/** Whether the engine reads the column in one step: one name, and no number with a mark but at its top. */
function isSimple([field, ...others]: readonly Field[], shape: JsonShape): boolean {
  if (field === undefined || others.length > 0 || field.name.includes("\0")) return false;
  const isScalar = shape.fields === undefined && shape.element === undefined && shape.values === undefined;
  return isScalar ? !(isJsonText(shape) && field.place.isQuoted) : !hasQuoted(field.place);
}

interface MarkedColumn extends TypedColumn {
  /** Whether a number of it was put into quotes. */
  readonly isMarked: boolean;
  readonly isSimple: boolean;
}

/** Rows that came and were all left out have columns, and no file. @param file name of one more column, with the path of each row's file */
function selectFound(rows: SpooledRows, columns: readonly MarkedColumn[], file?: string): string {
  if (rows.files.length === 0) {
    const nothing = columns.map(
      ({ name, type }) => `CAST(NULL AS ${printEngineType(type)}) AS ${quoteIdentifier(name)}`,
    );
    const noFile = file === undefined ? [] : [`CAST(NULL AS VARCHAR) AS ${quoteIdentifier(file)}`];
    return `SELECT ${[...nothing, ...noFile].join(", ")} WHERE false`;
  }
  const isPlain = columns.every(({ isSimple: simple }) => simple);
  return isPlain ? selectColumns(rows, columns, file) : selectExact(unmarkedDocuments(rows), columns, file);
}

/** @param file name of one more column, with the path of each row's file */
function selectColumns({ files, longestRow }: SpooledRows, columns: readonly MarkedColumn[], file?: string): string {
  const types = columns.map(({ name, type, isMarked }) => {
    const read = isMarked ? "VARCHAR" : printEngineType(replaceScalar(type, "NULL", "VARCHAR"));
    return `${quoteLiteral(name)}: ${quoteLiteral(read)}`;
  });
  const list = columns.map(({ name, type, isMarked }) => {
    const column = quoteIdentifier(name);
    const wanted = printEngineType(asText(type));
    if (isMarked) return `CAST(replace(${column}, ${quoteLiteral(numberMark)}, '') AS ${wanted}) AS ${column}`;
    return wanted === printEngineType(type) ? column : `CAST(${column} AS ${wanted}) AS ${column}`;
  });
  const options = [
    "format = 'newline_delimited'",
    `columns = {${types.join(", ")}}`,
    `maximum_object_size = ${Math.max(minObjectBytes, longestRow * 2 + 1024)}`,
    "hive_partitioning = false",
    // under its own name, since a field of the rows may be called as the engine calls it
    ...(file === undefined ? [] : [`filename = ${quoteLiteral(file)}`]),
  ];
  if (file !== undefined) list.push(quoteIdentifier(file));
  return `SELECT ${list.join(", ")} FROM read_json(${fileList(files)}, ${options.join(", ")})`;
}

/** Documents as they came, for the way that takes more steps and holds anything. */
function unmarkedDocuments({ files, longestRow }: SpooledRows): string {
  const size = Math.max(minObjectBytes, longestRow * 2 + 1024);
  const pattern = quoteLiteral(`"${numberMark}([^"]*)"`);
  return `SELECT regexp_replace(json, ${pattern}, '\\1', 'g') AS doc, filename AS file
    FROM read_json_objects(${fileList(files)}, format = 'newline_delimited', maximum_object_size = ${size}, filename = true, hive_partitioning = false)`;
}

/** The engine holds twice as much for each of its threads. */
const minObjectBytes = 1024 * 1024;

function describeCases(columns: readonly FoundColumn[]): string[] {
  return columns
    .filter(({ fields }) => fields.length > 1)
    .map(
      ({ name, fields }) =>
        `fields \`${fields.map((field) => field.name).join("`, `")}\` differ in case only and are read as column \`${name}\``,
    );
}

/** A field that came late, or only now and then, often shows that a service has changed. */
function describePages(columns: readonly FoundColumn[], { pages, noun }: SpooledRows): string[] {
  return columns.flatMap(({ name, fields: [field, ...others] }) => {
    if (field === undefined || others.length > 0 || field.pages === pages || field.firstPage === 1) return [];
    return [`field \`${name}\` is on ${field.pages} of ${pages} ${noun}s, first on ${noun} ${field.firstPage}`];
  });
}

function emptyName(): MillraceError {
  return new MillraceError(
    "SOURCE_UNREADABLE",
    "a field of a row has the empty text for its name, which no column can have",
  );
}
