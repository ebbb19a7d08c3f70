// The queries of `ctx.sql`: as a text with its inputs, or as a template whose values are bound.
import type { EngineSession } from "../../../compute/engine.ts";
import { toDatasetName } from "../../../core/dataset/dataset-handle.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { SqlArguments, SqlValue } from "../../../core/job/job-context.ts";

/** A query with its values apart: `values[n]` stands between `texts[n]` and the next text. */
export interface RowQuery {
  readonly texts: readonly string[];
  readonly values: readonly SqlValue[];
  /** `undefined`: what it reads of the job's inputs. */
  readonly inputs: readonly string[] | undefined;
}

/** Reads the arguments of `ctx.sql`. @throws MillraceError `VALUE_INVALID` */
export function toRowQuery(query: SqlArguments): RowQuery {
  if (!isTemplate(query)) {
    const [text, inputs] = query;
    return { texts: [text], values: [], inputs: inputs?.map(toDatasetName) };
  }
  const [texts, ...values] = query;
  for (const [index, text] of texts.entries()) assertText(text, index);
  for (const [index, value] of values.entries()) assertValue(value, index);
  return { texts, values, inputs: undefined };
}

/** The text of a query, with its values bound in the session. */
export async function bindValues(session: EngineSession, { texts, values }: RowQuery): Promise<string> {
  let sql = texts[0] ?? "";
  for (const [index, value] of values.entries()) {
    sql += `${await session.bind(value)}${texts[index + 1] ?? ""}`;
  }
  return sql;
}

/** The names that the selects read, of those that may be read; names of tables are the same in upper and lower case. */
export async function findReadNames(
  session: EngineSession,
  selects: readonly string[],
  readable: readonly string[],
): Promise<string[]> {
  const read = new Set<string>();
  for (const select of selects) {
    for (const table of await session.parseSelect(select)) read.add(table.toLowerCase());
  }
  return readable.filter((name) => read.has(name.toLowerCase()));
}

function isTemplate(query: SqlArguments): query is Extract<SqlArguments, [TemplateStringsArray, ...unknown[]]> {
  return Array.isArray(query[0]);
}

// JavaScript gives no text for an escape that it does not know, such as `\u` in a path.
function assertText(text: unknown, index: number): void {
  if (typeof text === "string") return;
  const message = `part ${index + 1} of a query has an escape that JavaScript cannot read`;
  throw new MillraceError("VALUE_INVALID", message, { hint: "write a backslash twice" });
}

function assertValue(value: unknown, index: number): void {
  if (isSqlValue(value)) return;
  const got = value instanceof Date || typeof value === "number" ? String(value) : nameOfKind(value);
  throw new MillraceError(
    "VALUE_INVALID",
    `expected value ${index + 1} of a query to be one that SQL has, got: \`${got}\``,
    {
      hint: "bind text, a finite number, a bigint, true or false, a Date or null; names of tables and columns cannot be bound",
    },
  );
}

function isSqlValue(value: unknown): value is SqlValue {
  if (typeof value === "number") return Number.isFinite(value);
  // SQL has whole numbers of up to 128 bits.
  if (typeof value === "bigint") return BigInt.asIntN(128, value) === value;
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  return value === null || typeof value === "string" || typeof value === "boolean";
}

function nameOfKind(value: unknown): string {
  if (typeof value === "bigint") return "a bigint of more than 128 bits";
  return Array.isArray(value) ? "an array" : typeof value;
}
