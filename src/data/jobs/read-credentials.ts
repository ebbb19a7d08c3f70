// The rows of a dataset of credentials, for the requests of a job. Whoever masks secrets is told of them first.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Row, quoteIdentifier } from "../../compute/engine.ts";
import { defineInputs } from "../datasets/open-dataset.ts";
import { removeIfEmpty } from "../files/staging-folders.ts";
import type { PublishScope } from "../publish/publish-scope.ts";
import { tellValues } from "../sealed/seal-output.ts";
import type { QueryDatasetsInput } from "./query-datasets.ts";

export interface ReadCredentialsInput
  extends Omit<QueryDatasetsInput, "inputs">, Pick<PublishScope, "seal" | "onSecret"> {}

/** The first two rows, which tell whether there is one. @throws MillraceError `DATASET_UNKNOWN`, `SOURCE_MISSING`, `SECRET_UNREADABLE` */
export async function readCredentials(
  { engine, catalog, folder, signal, warn, seal, onSecret }: ReadCredentialsInput,
  dataset: string,
): Promise<Row[]> {
  await using session = await engine.open();
  const spool = join(folder, `query-${randomUUID()}`);
  try {
    await defineInputs(session, catalog, [dataset], { spool, warn, ...(seal === undefined ? {} : { seal }) });
    const rows = await session.query(`SELECT * FROM ${quoteIdentifier(dataset)} LIMIT 2`, { signal });
    if (onSecret !== undefined) tellValues(rows, onSecret);
    return rows;
  } finally {
    await rm(spool, { recursive: true, force: true });
    await removeIfEmpty(folder);
  }
}
