// The units of a source in a database, one after the other: the same query with other values. One that fails leaves the others.
import { describeFailedUnits } from "../../../core/dataset/failed-units.ts";
import type { SourceUnit, UnitOutcome } from "../../../core/dataset/source.ts";
import type { WatermarkValue } from "../../../core/dataset/watermark.ts";
import { classifyError } from "../../../core/errors/classify-error.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { spoolRelation } from "../../files/text-spool.ts";
import type { SourceOpening } from "../../source.ts";
import { assertUnitRows } from "../unit-rows.ts";
import type { CopiedRows } from "./copied-rows.ts";
import { readMaximum } from "./read-maximum.ts";

/** The rows of one unit. */
export interface UnitRows extends CopiedRows {
  /** Place of the unit among all, from 0. */
  readonly unit: number;
}

export interface UnitsRead {
  /** Of the units that were read; not empty. */
  readonly parts: readonly UnitRows[];
  readonly warnings: readonly string[];
}

/** @throws MillraceError when no unit could be read, and when the run is stopped */
export async function readUnits(
  opening: SourceOpening,
  read: (unit: SourceUnit) => Promise<CopiedRows>,
): Promise<UnitsRead> {
  const { reading, signal } = opening;
  const units = reading.units ?? [{ key: "", variables: {} }];
  const parts: UnitRows[] = [];
  const outcomes: UnitOutcome[] = [];
  for (const [index, unit] of units.entries()) {
    try {
      const copied = await read(unit);
      const rows = copied.spools.reduce((sum, spool) => sum + spool.rows, 0);
      assertUnitRows(unit.key, rows, reading);
      const maximum = reading.watch === undefined ? undefined : await maximumOf(copied, reading.watch.name, opening);
      parts.push({ ...copied, unit: index });
      outcomes.push({ key: unit.key, status: "read", rows, ...(maximum === undefined ? {} : { maximum }) });
    } catch (thrown) {
      if (signal.aborted || units.length === 1 || reading.isWhole === true) throw thrown;
      outcomes.push({ key: unit.key, status: "failed", rows: 0, error: classifyError(thrown, opening.now()) });
    }
  }
  const failed = outcomes.find(({ error }) => error !== undefined);
  if (parts.length === 0 && failed?.error !== undefined) throw failed.error;
  await reading.onRead?.(outcomes);
  return { parts, warnings: describeFailedUnits(outcomes) };
}

async function maximumOf(
  { columns, spools }: CopiedRows,
  field: string,
  { session }: SourceOpening,
): Promise<WatermarkValue | undefined> {
  const column = columns.find(({ name }) => name.toLowerCase() === field.toLowerCase());
  if (column !== undefined) return await readMaximum(session, spoolRelation(spools, columns), column);
  throw new MillraceError(
    "SOURCE_UNREADABLE",
    `what the source reads has no column \`${field}\`, by which rows are read on`,
    {
      hint: "select it in the `query`",
    },
  );
}
