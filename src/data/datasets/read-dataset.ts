// The first rows of a dataset, or of a query over datasets, for people.
import { type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import { trimStatement } from "../../compute/sql-text.ts";
import type { DatasetReader, QueryRowsOptions, ShownRows } from "../../core/dataset/dataset-reader.ts";
import { defineRows } from "../table-rows.ts";
import type { DatasetLookup } from "./dataset-catalog.ts";
import { readFailedRows } from "./failed-rows.ts";
import { exportRows } from "./export-rows.ts";
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
    query: async (sql, { limit, signal, values }) =>
      await lookAt(input, async (session, options) => {
        const bound = await bindValues(session, sql, values);
        await defineInputs(session, catalog, await session.parseSelect(bound), options);
        return await firstRows(session, trimStatement(bound), { limit, signal });
      }),
    export: async (sql, { format, signal, values }) =>
      await lookAt(input, async (session, options) => {
        const bound = await bindValues(session, sql, values);
        await defineInputs(session, catalog, await session.parseSelect(bound), options);
        return await exportRows(session, trimStatement(bound), { format, signal, folder: options.spool });
      }),
  };
}

/** Without values the statement stays as it is, whatever is in it. */
async function bindValues(
  session: EngineSession,
  sql: string,
  values: QueryRowsOptions["values"] = {},
): Promise<string> {
  let bound = sql;
  for (const [name, value] of Object.entries(values)) {
    if (bound.includes(`{{${name}}}`)) bound = bound.replaceAll(`{{${name}}}`, await session.bind(value));
  }
  return bound;
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
