// Names of queries that stand for records of topics; all others stand for datasets.
import type { EngineSession } from "../../../compute/engine.ts";
import type { TopicReader } from "../../../core/stream/topic-reader.ts";
import { type RecordReading, recordRows } from "./record-rows.ts";

export interface DefineRecordsOptions {
  readonly spool: string;
  readonly signal: AbortSignal;
}

/**
 * Makes each name that stands for records a relation of the session.
 * @returns the names that do not
 * @throws MillraceError as `recordRows` does
 */
export async function defineRecords(
  session: EngineSession,
  reader: TopicReader | undefined,
  names: readonly string[],
  { spool, signal }: DefineRecordsOptions,
): Promise<readonly string[]> {
  if (reader === undefined) return names;
  for (const name of new Set(names)) {
    if (!reader.names.includes(name)) continue;
    const table = { columns: () => Promise.resolve(undefined), isVerbatim: false };
    const admits: RecordReading["admits"] = (...given) => reader.admits(name, ...given);
    const { sql } = await recordRows(await reader.rangesOf(name), { session, reader, admits, table, spool, signal });
    if (sql !== undefined) await session.defineView(name, sql);
  }
  return names.filter((name) => !reader.names.includes(name));
}
