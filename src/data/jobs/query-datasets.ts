// The rows of a query over datasets, in a session of its own.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../compute/engine.ts";
import type { JobContext, SqlArguments } from "../../core/job/job-context.ts";
import type { TopicReader } from "../../core/stream/topic-reader.ts";
import type { DatasetLookup } from "../datasets/dataset-catalog.ts";
import { defineInputs } from "../datasets/open-dataset.ts";
import { removeIfEmpty } from "../files/staging-folders.ts";
import { bindValues, findReadNames, toRowQuery } from "../publish/query/ask-rows.ts";
import { defineRecords } from "../sources/records/define-records.ts";

export interface QueryDatasetsInput {
  readonly engine: Engine;
  readonly catalog: DatasetLookup;
  /** Where a table may be copied to while it is read; left as it was found. */
  readonly folder: string;
  /** Datasets that may be read without being named. */
  readonly inputs: readonly string[];
  /** Reads records; absent where there is no log. */
  readonly topics?: TopicReader;
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
}

/** @throws MillraceError `SQL_INVALID`, `DATASET_UNKNOWN`, `VALUE_INVALID` */
export async function queryDatasets(
  { engine, catalog, folder, inputs: readable, topics, signal, warn }: QueryDatasetsInput,
  query: SqlArguments,
): ReturnType<JobContext["sql"]> {
  const asked = toRowQuery(query);
  await using session = await engine.open();
  const spool = join(folder, `query-${randomUUID()}`);
  try {
    const sql = await bindValues(session, asked);
    const inputs = asked.inputs ?? (await findReadNames(session, [sql], readable));
    const datasets = await defineRecords(session, topics, inputs, { spool, signal });
    await defineInputs(session, catalog, datasets, { spool, warn });
    await session.parseSelect(sql);
    return await session.query(sql, { signal });
  } finally {
    await rm(spool, { recursive: true, force: true });
    await removeIfEmpty(folder);
  }
}
