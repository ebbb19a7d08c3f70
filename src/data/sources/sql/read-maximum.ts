// How far rows of a database go, by one of their columns.
import { type Column, type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import type { WatermarkValue } from "../../../core/dataset/watermark.ts";
import { MillraceError } from "../../../core/errors/errors.ts";

/**
 * The greatest value, as a watermark keeps it: numbers as such, dates and times as the text of an instant.
 * @param sql a select
 * @returns nothing when there is no row
 * @throws MillraceError `SOURCE_UNREADABLE` for a row without a value, and for a number that a watermark would round
 */
export async function readMaximum(
  session: EngineSession,
  sql: string,
  { name, type }: Column,
): Promise<WatermarkValue | undefined> {
  const column = quoteIdentifier(name);
  const [row] = await session.query(
    `SELECT count(*) - count(${column}) AS lacking, ${toText(`max(${column})`, type)} AS greatest FROM (${sql})`,
  );
  if (Number(row?.["lacking"]) > 0) {
    throw new MillraceError(
      "SOURCE_UNREADABLE",
      `a row has no value in column \`${name}\`, by which rows are read on`,
      {
        hint: "leave such rows out in the `query`, or use another column",
      },
    );
  }
  const greatest = row?.["greatest"];
  if (typeof greatest !== "string") return undefined;
  if (!isNumber(type)) return greatest;
  const value = Number(greatest);
  if (type === "DOUBLE" || type === "FLOAT" || Number.isSafeInteger(value)) return value;
  throw new MillraceError("SOURCE_UNREADABLE", `a watermark would round \`${greatest}\` of column \`${name}\``, {
    hint: "cast the column to a text of a fixed length in the `query`",
  });
}

function toText(value: string, type: string): string {
  if (type === "TIMESTAMP") return `strftime(${value}, '%Y-%m-%dT%H:%M:%S.%f')`;
  if (type === "TIMESTAMP WITH TIME ZONE") return `strftime(${value} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`;
  return `CAST(${value} AS VARCHAR)`;
}

function isNumber(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type);
}
