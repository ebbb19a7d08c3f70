// Runs steps of `convert` over the rows of a query, as publishing does.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Column, EngineSession, Row } from "../../../src/compute/engine.ts";
import { createFieldCipher } from "../../../src/connections/registry/field-cipher.ts";
import type { ConvertStep } from "../../../src/core/dataset/convert-step.ts";
import type { SourceReading } from "../../../src/core/dataset/source.ts";
import { assertConvert, listTexts } from "../../../src/data/convert/convert-options.ts";
import { convertRows, type ConvertedRows } from "../../../src/data/convert/convert-rows.ts";
import { unitColumn, UnitValues } from "../../../src/data/convert/unit-values.ts";

/** The key that values are encrypted with. */
export const fieldKey = "a key of at least sixteen characters";

export interface Converted extends Pick<ConvertedRows, "columns" | "lineage"> {
  readonly rows: readonly Row[];
  /** Rows that were set aside, each with its reasons. */
  readonly aside: readonly Row[];
}

/** @param sql of the rows before; with several units it has a last column `unit` */
export async function convert(
  session: EngineSession,
  sql: string,
  steps: readonly ConvertStep[],
  reading: SourceReading = {},
): Promise<Converted> {
  assertConvert("job `t`", ["convert"], steps, { secrets: [] });
  const spool = await mkdtemp(join(tmpdir(), "millrace-convert-"));
  try {
    const columns = (await session.describe(sql)).filter(({ name }) => name !== unitColumn);
    const found = await convertRows({
      session,
      sql,
      columns,
      steps,
      values: new UnitValues(listTexts(steps), reading),
      cipher: () => createFieldCipher([fieldKey]),
      spool,
      signal: new AbortController().signal,
    });
    const aside: Row[] = [];
    for (const rows of found.aside) aside.push(...(await session.query(rows.sql)));
    return { columns: found.columns, lineage: found.lineage, rows: await session.query(found.sql), aside };
  } finally {
    await rm(spool, { recursive: true, force: true });
  }
}

/** Name → type. */
export function typesOf(columns: readonly Column[]): Readonly<Record<string, string>> {
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}
