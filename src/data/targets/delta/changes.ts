// Tells what changed in a published Delta table between two versions of its log.
import { MillraceError } from "../../../core/errors/errors.ts";
import { deltaChanges } from "../../delta/read/delta-changes.ts";
import { versionAt } from "../../delta/read/list-changes.ts";
import { openDeltaSnapshot } from "../../delta/delta-table.ts";
import type { TableRows } from "../../table-rows.ts";
import type { ChangeSpan, TableReading } from "../../target.ts";
import type { DeltaLocation } from "./relation.ts";

/** Of a location that is the last version whose changes are wanted, unless the span says an earlier one. */
export async function readDeltaChanges(
  { path, version }: DeltaLocation,
  reading: TableReading,
  { since, after, upTo = version }: ChangeSpan,
): Promise<TableRows> {
  const { session, spool } = reading;
  const snapshot = await openDeltaSnapshot(path, {
    session,
    version: upTo,
    warn: (message) => reading.warn(message),
  });
  if (after !== undefined && after > upTo) {
    throw new MillraceError(
      "SOURCE_MISSING",
      `changes of \`${path}\` were read up to version ${after}, and it has version ${upTo} only: it was made anew`,
      { hint: "run the job with `--full-refresh`, or set its watermark (`millrace state rewind`)" },
    );
  }
  const first = typeof since === "number" ? since : await versionAt(path, Date.parse(since));
  return { sql: await deltaChanges({ session, snapshot, spool, from: after === undefined ? first : after + 1 }) };
}
