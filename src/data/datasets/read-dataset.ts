// The first rows of a dataset, or of a query over datasets, for people.
import { type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import { trimStatement } from "../../compute/sql-text.ts";
import type { DatasetReader, ShownRows } from "../../core/dataset/dataset-reader.ts";
import { defineRows } from "../table-rows.ts";
import type { DatasetLookup } from "./dataset-catalog.ts";
import { readFailedRows } from "./failed-rows.ts";
import { type LookInput, lookAt } from "./look-at.ts";
import { defineInputs, openDataset } from "./open-dataset.ts";

export interface DatasetReaderInput extends LookInput {
  readonly catalog: DatasetLookup;
}

/** Reads datasets as they are now. */
export function createDatasetReader(input: DatasetReaderInput): DatasetReader {
  const { catalog } = input;
  return {
    head: async (dataset, { version, limit }) =>
      await lookAt(input, async (session, options) => {
        await defineRows(session, dataset, await openDataset(session, catalog, { dataset, version }, options));
        return await firstRows(session, `SELECT * FROM ${quoteIdentifier(dataset)}`, { limit });
      }),
    failed: (dataset, checks) => readFailedRows(input.staging, dataset, checks),
    listTables: async (sql) => await lookAt(input, (session) => session.parseSelect(sql)),
    query: async (sql, { limit, signal }) =>
      await lookAt(input, async (session, options) => {
        await defineInputs(session, catalog, await session.parseSelect(sql), options);
        return await firstRows(session, trimStatement(sql), { limit, signal });
      }),
  };
}

async function firstRows(
  session: EngineSession,
  sql: string,
  { limit, ...options }: { readonly limit: number; readonly signal?: AbortSignal },
): Promise<ShownRows> {
  const columns = await session.describe(sql);
  // one more tells whether there are more
  const rows = await session.query(`SELECT * FROM (\n${sql}\n) LIMIT ${limit + 1}`, options);
  return { columns, rows: rows.slice(0, limit), hasMore: rows.length > limit };
}
