// Rows that are already somewhere, as an engine can read them: one query, or a scan that asks for no more files than it needs.
import type { EngineSession, ScanSource } from "../compute/engine.ts";

export type TableRows = { readonly sql: string } | { readonly scan: ScanSource };

/** Makes rows the relation `view` of the session. */
export async function defineRows(session: EngineSession, view: string, rows: TableRows): Promise<void> {
  if ("sql" in rows) await session.defineView(view, rows.sql);
  else await session.defineScan(view, rows.scan);
}
