// The least rows that each unit of a source has to have.
import type { SourceReading } from "../../core/dataset/source.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** @param rows of the unit; a sample may end within one, and is not asked @throws MillraceError `SOURCE_EMPTY` for too few */
export function assertUnitRows(key: string, rows: number, { minRows = 0, rowsWanted }: SourceReading): void {
  if (rows >= minRows || rowsWanted !== undefined) return;
  const unit = key === "" ? "the source" : `unit \`${key}\``;
  throw new MillraceError("SOURCE_EMPTY", `expected ${unit} to have at least ${minRows} rows, got: \`${rows}\``, {
    hint: "look at what the source gives, or lower `minRowsPerUnit`",
  });
}
