// Numbers of JSON that a double or 64 bits cannot hold. The engine's JSON reader makes doubles of them, so they are put in quotes
// in the documents' text before it sees them, and each place gets a type that holds every digit.
import type { EngineSession } from "../../../compute/engine.ts";
import { fitsDouble } from "../../../compute/fits-double.ts";
import { isWidening } from "../../../compute/widen-type.ts";
import type { Documents } from "./json-documents.ts";
import { type JsonPlace, valuesSql } from "./json-places.ts";
import { isNumeric } from "./json-types.ts";
import { childrenOf, isJsonText, type JsonShape } from "./json-shape.ts";

/** Tells whether a document has a number whose digits would be lost, or a number whose own text is what is held. */
export async function needsExactNumbers(
  session: EngineSession,
  documents: Documents,
  places: readonly JsonPlace[],
): Promise<boolean> {
  if (places.some(({ shape }) => isHeldAsText(shape) && hasNumber(shape))) return true;
  if (places.some(({ shape }) => shape.wanted?.startsWith("DECIMAL") === true)) return true;
  const tokens = `SELECT unnest(regexp_extract_all(doc, '[:,\\[]\\s*(${suspicious})', 1)) AS t FROM (${documents})
    WHERE regexp_matches(doc, '${suspicious}')`;
  const isLong = places.some(hasBothNumbers)
    ? "false"
    : "(regexp_full_match(t, '-?[0-9]+') AND TRY_CAST(t AS BIGINT) IS NOT NULL)";
  const isExact = "(isfinite(TRY_CAST(t AS DOUBLE)) AND TRY_CAST(t AS DOUBLE)::VARCHAR = t)";
  const doubtful = `SELECT DISTINCT t FROM (${tokens}) WHERE NOT coalesce(${isExact}, false) AND NOT (${isLong})`;
  return await hasSome(session, doubtful, (text) => !fitsDouble(text) || isBeyondBigint(text));
}

/** Tells whether whole numbers of a place become doubles. Below an array the engine does not tell whole numbers from others. */
function hasBothNumbers({ shape, paths }: JsonPlace): boolean {
  const mayHideIntegers = paths.length === 0 || paths.some((path) => path.includes("[*]"));
  return shape.scalars.has("number") && (shape.scalars.size > 1 || mayHideIntegers);
}

function isHeldAsText(shape: JsonShape): boolean {
  return isJsonText(shape) || shape.type === "VARCHAR" || (shape.scalars.has("text") && shape.scalars.size > 1);
}

function hasNumber(shape: JsonShape): boolean {
  return shape.scalars.has("number") || shape.isUnclear === true || childrenOf(shape).some(hasNumber);
}

/** SQL of a document with every number as a text. @param mark to be put before each, so that they can be told from other texts */
export function quoteNumbers(document: string, mark = ""): string {
  const segments = String.raw`regexp_extract_all(${document}, '"(?:[^"\\]|\\.)*"|[^"]+')`;
  const quoted = `CASE WHEN s[1] = '"' THEN s ELSE regexp_replace(s, '${number}', '"${mark}\\0"', 'g') END`;
  return `array_to_string(list_transform(${segments}, lambda s: ${quoted}), '')::JSON`;
}

/** Gives every place of numbers a type that holds each of them. */
export async function findNumberTypes(
  session: EngineSession,
  documents: Documents,
  places: readonly JsonPlace[],
): Promise<void> {
  const open = places.filter(({ shape }) => isNumeric(shape.scalars) && !isJsonText(shape) && shape.type === undefined);
  const hasFloats = open.some(({ shape }) => shape.scalars.has("number"));
  // putting in quotes costs more than all else, so it is done once; the engine reads whole numbers as they are
  const quoted = `SELECT * FROM ${quotedTable}`;
  const create = `CREATE OR REPLACE TEMPORARY TABLE ${quotedTable} AS SELECT ${quoteNumbers("doc")} AS doc FROM (${documents})`;
  if (hasFloats) await session.execute(create);
  try {
    for (const { shape, paths } of open) {
      const from = shape.scalars.has("number") ? quoted : documents;
      shape.type = paths.length === 0 ? "VARCHAR" : await exactType(session, from, paths, shape.wanted);
    }
  } finally {
    await session.execute(`DROP TABLE IF EXISTS ${quotedTable}`);
  }
}

const quotedTable = "_millrace_json_numbers";

async function exactType(
  session: EngineSession,
  documents: Documents,
  paths: readonly string[],
  wanted?: string,
): Promise<string> {
  const values = `SELECT DISTINCT unnest(${valuesSql(paths, "json_extract_string")}) AS t FROM (${documents})`;
  const [facts = {}] = await session.query(
    `SELECT bool_and(TRY_CAST(t AS BIGINT) IS NOT NULL AND NOT regexp_matches(t, '[.eE]')) AS is_bigint,
      bool_or(regexp_matches(t, '[eEnN]')) AS is_odd,
      max(length(ltrim(split_part(t, '.', 1), '-'))) AS whole, max(length(split_part(t, '.', 2))) AS scale
      FROM (${values}) WHERE t IS NOT NULL`,
  );
  const [whole, scale] = [Number(facts["whole"]), Number(facts["scale"])];
  const isPlain = facts["is_odd"] === false && whole + scale <= 38;
  if (isPlain && wanted !== undefined && isWidening(`DECIMAL(${whole + scale},${scale})`, wanted)) return wanted;
  const doubtful = `SELECT t FROM (${values}) WHERE NOT coalesce(TRY_CAST(t AS DOUBLE)::VARCHAR = t, t IS NULL)`;
  const isLost = (text: string): boolean => !fitsDouble(text) && !isNotFinite(text);
  if (wanted === "DOUBLE" && !(await hasSome(session, doubtful, isLost))) return wanted;
  if (facts["is_bigint"] === true) return "BIGINT";
  if (isPlain && scale === 0) return "DECIMAL(38,0)";
  if (!(await hasSome(session, doubtful, isLost))) return "DOUBLE";
  return isPlain ? `DECIMAL(38,${scale})` : "VARCHAR";
}

async function hasSome(session: EngineSession, sql: string, predicate: (text: string) => boolean): Promise<boolean> {
  for await (const rows of session.stream(sql)) {
    if (rows.some((row) => predicate(String(row["t"])))) return true;
  }
  return false;
}

function isBeyondBigint(text: string): boolean {
  return /^-?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) !== BigInt(text);
}

function isNotFinite(text: string): boolean {
  return /^-?(?:nan|inf(?:inity)?)$/i.test(text);
}

// as the engine reads them, JSON also has the numbers of JavaScript that are none
const notFinite = String.raw`-?(?:[nN]a[nN]|[iI]nf(?:inity)?)\b`;
const number = `-?[0-9][-+0-9.eE]*|${notFinite}`;
const suspicious = `-?[0-9][0-9.]*[eE][-+]?[0-9]+|-?[0-9][0-9.]{14,}|${notFinite}`;
