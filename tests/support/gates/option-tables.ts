// The tables of options in the documents, made from the specs of the components. A document says where one goes:
// `<!-- options: csv -->` … `<!-- /options -->`.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { datasetSpec } from "../../../src/core/dataset/dataset-handle.ts";
import { jobOptionsSpec } from "../../../src/core/job/job-options.ts";
import { jobSpec } from "../../../src/core/job/job.ts";
import { addJobSpec, pipelineSpec } from "../../../src/core/job/pipeline.ts";
import { recoverySpec, retrySpec, tierSpec } from "../../../src/core/recovery/retry-policy.ts";
import { scheduleSpec } from "../../../src/core/schedule/schedule.ts";
import { toDocsTable } from "../../../src/core/spec/docs-table.ts";
import { checkSpec } from "../../../src/data/checks/check-definition.ts";
import { outputSpec } from "../../../src/data/dataset-output.ts";
import { integrationJobSpec } from "../../../src/data/jobs/integration-job.ts";
import { sqlJobSpec } from "../../../src/data/jobs/sql-job.ts";
import { csvColumnSpec, csvSpec } from "../../../src/data/sources/csv/csv-options.ts";
import { fileSpec, jsonSpec, sourceSpec } from "../../../src/data/sources/source-options.ts";
import { deltaSpec } from "../../../src/data/targets/delta/options.ts";
import { duckdbSpec } from "../../../src/data/targets/duckdb/options.ts";
import { parquetSpec } from "../../../src/data/targets/parquet/options.ts";
import { sqliteSpec } from "../../../src/data/targets/sqlite/options.ts";
import { configSpec } from "../../../src/project/config-options.ts";

/** A table by its name in the documents. */
export const optionTables: ReadonlyMap<string, string> = new Map([
  ["job", toDocsTable(jobOptionsSpec)],
  ["defineJob", toDocsTable(jobSpec, jobOptionsSpec)],
  ["integrationJob", toDocsTable(integrationJobSpec, jobOptionsSpec)],
  ["sqlJob", toDocsTable(sqlJobSpec, jobOptionsSpec)],
  ["pipeline", toDocsTable(pipelineSpec)],
  ["addJob", toDocsTable(addJobSpec)],
  ["schedule", toDocsTable(scheduleSpec)],
  ["retry", toDocsTable(retrySpec)],
  ["recovery", toDocsTable(recoverySpec)],
  ["recovery tier", toDocsTable(tierSpec)],
  ["dataset", toDocsTable(datasetSpec)],
  ["check", toDocsTable(checkSpec)],
  ["source", toDocsTable(sourceSpec)],
  ["file", toDocsTable(fileSpec)],
  ["csv", toDocsTable(csvSpec)],
  ["csv column", toDocsTable(csvColumnSpec)],
  ["json", toDocsTable(jsonSpec)],
  ["output", toDocsTable(outputSpec)],
  ["delta", toDocsTable(deltaSpec)],
  ["parquet", toDocsTable(parquetSpec)],
  ["sqlite", toDocsTable(sqliteSpec)],
  ["duckdb", toDocsTable(duckdbSpec)],
  ["config", toDocsTable(configSpec)],
]);

export interface Page {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** The documents below `docs`. @param root of the repository */
export async function readPages(root: string): Promise<Page[]> {
  const names = await readdir(join(root, "docs"), { recursive: true });
  const paths = names.filter((name) => name.endsWith(".md")).map((name) => join(root, "docs", name));
  return await Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, "utf8") })));
}

/** The document with its tables as they are now. A table that nobody knows stays. */
export function fillTables(text: string, tables: ReadonlyMap<string, string> = optionTables): string {
  return text.replaceAll(place, (whole, start: string, name: string, end: string) => {
    const table = tables.get(name);
    return table === undefined ? whole : `${start}${table}\n${end}`;
  });
}

/** Names of the tables that a document has a place for. */
export function listTables(text: string): string[] {
  return [...text.matchAll(place)].map(([, , name = ""]) => name);
}

const place = /(<!-- options: (.+?) -->\n)[^]*?(<!-- \/options -->)/g;
