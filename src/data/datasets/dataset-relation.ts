// A published version as a relation of a session, whatever holds it.
import type { EngineSession } from "../../compute/engine.ts";
import type { DatasetVersion } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { defineRows, type TableRows } from "../table-rows.ts";
import type { TableReading } from "../target.ts";
import { findTargetFormat } from "../targets/target-registry.ts";

export type OpenDatasetOptions = Omit<TableReading, "session">;

/**
 * Opens the rows of a version, read from its first location: as of that version where its format keeps versions, else as they
 * are now. No lock is held while a query runs.
 * @throws MillraceError `SOURCE_MISSING` when somebody has removed it, `SOURCE_UNREADABLE`, `DELTA_CORRUPT`, `TARGET_CONFLICT`;
 * what is wrong with single files of a table may be thrown by the query that needs them
 */
export async function openVersion(
  session: EngineSession,
  version: DatasetVersion,
  options: OpenDatasetOptions,
): Promise<TableRows> {
  const [location] = version.locations;
  if (location === undefined) throw new MillraceError("INTERNAL", `dataset \`${version.dataset}\` has no location`);
  const naming = <T>(work: () => Promise<T>): Promise<T> => nameDataset(version, work);
  const rows = await naming(() => {
    const { spool, seal } = options;
    const warn = (message: string): void => options.warn(message);
    const reading = { session, spool, warn, ...(seal === undefined ? {} : { seal }) };
    return findTargetFormat(location.format).read(location, reading);
  });
  if ("sql" in rows) return rows;
  const { scan } = rows;
  return { scan: { columns: scan.columns, select: (filter) => naming(() => scan.select(filter)) } };
}

/** Makes the rows of a version the relation `view` of the session. @throws MillraceError as `openVersion` does */
export async function defineVersion(
  session: EngineSession,
  view: string,
  version: DatasetVersion,
  options: OpenDatasetOptions,
): Promise<void> {
  await defineRows(session, view, await openVersion(session, version, options));
}

async function nameDataset<T>(version: DatasetVersion, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof MillraceError) || cause.code !== "SOURCE_MISSING") throw cause;
    throw new MillraceError("SOURCE_MISSING", `reading dataset \`${version.dataset}\`: ${cause.message}`, {
      cause,
      hint: `run job \`${version.job}\` again to publish it`,
    });
  }
}
