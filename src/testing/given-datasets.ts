// Publishes rows that a test gives, as the job that would have published them does: staged, recorded, readable by all.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { quoteIdentifier, quoteText } from "../compute/engine.ts";
import { MillraceError } from "../core/errors/errors.ts";
import type { JobContext, PublishRequest } from "../core/job/job-context.ts";
import type { GivenRow, GivenRows } from "./test-options.ts";

/** @throws MillraceError `VALUE_INVALID` for rows without columns, and what publishing fails with */
export async function publishGiven(ctx: JobContext, dataset: string, given: GivenRows): Promise<void> {
  await ctx.data.publish({ ...(await toRequest(ctx, dataset, given)), output: { dataset } });
}

async function toRequest(ctx: JobContext, dataset: string, given: GivenRows): Promise<Omit<PublishRequest, "output">> {
  if ("sql" in given) return { sql: given.sql };
  if ("columns" in given) return { sql: typedRows(given.rows, Object.entries(given.columns)) };
  if (given.length === 0) {
    throw new MillraceError("VALUE_INVALID", `expected rows of dataset \`${dataset}\`, got: none, and no columns`, {
      hint: 'write `{ rows: [], columns: { id: "BIGINT" } }` for a dataset without rows',
    });
  }
  const path = `.millrace/given/${dataset}.ndjson`;
  const file = ctx.path(path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, given.map((row) => `${toLine(row)}\n`).join(""));
  return { source: { file: { path } } };
}

function toLine(row: GivenRow): string {
  return JSON.stringify(row, (_key, value: unknown) => (typeof value === "bigint" ? toPlain(value) : value));
}

// JSON has no integers of 64 bits; beyond the safe ones the text keeps every digit.
function toPlain(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function typedRows(rows: readonly GivenRow[], columns: readonly (readonly [string, string])[]): string {
  const names = columns.map(([name]) => quoteIdentifier(name)).join(", ");
  const toTuple = (row: GivenRow): string =>
    `(${columns.map(([name, type]) => `CAST(${toLiteral(row[name])} AS ${type})`).join(", ")})`;
  if (rows.length === 0) return `SELECT * FROM (VALUES ${toTuple({})}) AS given(${names}) WHERE false`;
  return `SELECT * FROM (VALUES ${rows.map(toTuple).join(", ")}) AS given(${names})`;
}

function toLiteral(value: unknown): string {
  if (value === undefined || value === null) return "NULL";
  if (typeof value === "string") return quoteText(value);
  if (value instanceof Date) return quoteText(value.toISOString());
  if (typeof value === "object") return `${quoteText(toLine(value as GivenRow))}::JSON`;
  return quoteText(`${value as number | bigint | boolean}`);
}
