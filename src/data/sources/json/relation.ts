// JSON as a relation: rows are what was delivered. A type is inferred only where every value, written back, is the one that came;
// everything else is text.
import { parseEngineType, printEngineType, untyped } from "../../../compute/engine-type.ts";
import type { Column, EngineSession } from "../../../compute/engine.ts";
import { isWidening } from "../../../compute/widen-type.ts";
import { describeDifferences } from "../source-differences.ts";
import type { SourceRows, KnownTable } from "../source-rows.ts";
import { type Documents, listDocuments, listRows } from "./json-documents.ts";
import { findNumberTypes, needsExactNumbers } from "./json-numbers.ts";
import { type JsonPlace, listPlaces, pathsOfKeys, valuesSql } from "./json-places.ts";
import { addShape, createShape, type JsonShape, scalars } from "./json-shape.ts";
import { findShapes, type FoundShapes } from "./json-shapes.ts";
import { asText, type KeyColumn, selectExact, selectPlain } from "./json-select.ts";
import { wantTableTypes } from "./json-table.ts";
import { findDates } from "./json-texts.ts";
import { replaceScalar, typeOfShape } from "./json-types.ts";

export interface JsonRowsOptions {
  /** Field of each document that holds the rows; default: the documents are the rows. */
  readonly rows: string | undefined;
  /** The table whose types are taken where they hold every value. */
  readonly table: KnownTable;
}

/**
 * One `select` over the objects of JSON files, with types inferred from all values of all files.
 * @throws MillraceError `SOURCE_UNREADABLE` naming the file, `SOURCE_EMPTY` when what is there is not an object
 */
export async function jsonRows(
  session: EngineSession,
  format: "json" | "ndjson",
  files: readonly string[],
  { rows, table }: JsonRowsOptions,
): Promise<SourceRows> {
  const documents =
    rows === undefined ? await listDocuments(format, files) : await listRows(session, format, files, rows);
  const found = await findShapes(session, documents);
  if (found.shape === undefined) return { untyped: [], warnings: [] };
  const columns = listColumns(found.shape);
  const warnings = [...describeCases(columns), ...describeFiles(found, columns)];
  await resolveUnclear(session, documents, placesOf(columns));
  if (table.isVerbatim) wantTableTypes(columns, (await table.columns()) ?? []);
  const places = placesOf(columns);
  await findDates(session, documents, places);
  const isExact = await needsExactNumbers(session, documents, places);
  await findNumberTypes(
    session,
    documents,
    isExact ? places : places.filter(({ shape }) => shape.wanted !== undefined),
  );
  const held = columns.map(({ name, keys, shape }) => ({ name, keys, type: typeOfShape(shape) }));
  const rowsSql = (file?: string): string => (isExact ? selectExact : selectPlain)(documents, held, file);
  return {
    sql: rowsSql(),
    telling: rowsSql,
    untyped: held.filter(({ type }) => printEngineType(type) === untyped).map(({ name }) => name),
    warnings,
  };
}

interface ShapedColumn extends KeyColumn {
  readonly shape: JsonShape;
}

function listColumns({ fields }: JsonShape): ShapedColumn[] {
  const columns = new Map<string, { name: string; keys: string[]; shape: JsonShape }>();
  for (const [key, shape] of fields ?? []) {
    const column = columns.get(key.toLowerCase()) ?? { name: key, keys: [], shape: createShape() };
    columns.set(key.toLowerCase(), column);
    column.keys.push(key);
    addShape(column.shape, shape);
  }
  return [...columns.values()];
}

function placesOf(columns: readonly ShapedColumn[]): JsonPlace[] {
  return columns.flatMap(({ keys, shape }) => listPlaces(pathsOfKeys(keys), shape));
}

function describeCases(columns: readonly KeyColumn[]): string[] {
  return columns
    .filter(({ keys }) => keys.length > 1)
    .map(({ name, keys }) => `keys \`${keys.join("`, `")}\` differ in case only and are read as column \`${name}\``);
}

function describeFiles({ byFile }: FoundShapes, columns: readonly ShapedColumn[]): string[] {
  const files = Array.from(byFile, ([file, shape]) => ({
    file,
    columns: listColumns(shape).map((column) => toColumn(column.name, column.shape)),
  }));
  const united = columns.map(({ name, shape }) => toColumn(name, shape));
  return describeDifferences(files, united, (own, type) => !isWidening(asDoubles(own), asDoubles(type)));
}

function toColumn(name: string, shape: JsonShape): Column {
  return { name, type: printEngineType(asText(typeOfShape(shape))) };
}

/** Whole numbers beside others are numbers of one kind in JSON. */
function asDoubles(type: string): string {
  return printEngineType(replaceScalar(parseEngineType(type), "BIGINT", "DOUBLE"));
}

/** Where the engine says no more than that values differ within one array, their kinds are looked at. */
async function resolveUnclear(
  session: EngineSession,
  documents: Documents,
  places: readonly JsonPlace[],
): Promise<void> {
  for (const { shape, paths } of places) {
    if (shape.isUnclear !== true || paths.length === 0) continue;
    const kinds = `SELECT DISTINCT unnest(${valuesSql(paths, "json_type")})::VARCHAR AS kind FROM (${documents})`;
    const found = (await session.query(`SELECT kind FROM (${kinds}) WHERE kind <> 'NULL'`))
      .map((row) => row["kind"] as string)
      .map((kind) => scalars[kind]);
    if (found.includes(undefined)) continue;
    shape.isUnclear = false;
    for (const scalar of found) if (scalar !== undefined) shape.scalars.add(scalar);
  }
}
