// Publishes what map and reduce have left in files: rows, and records that were left out.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MapReduced } from "../../compute/mapreduce/map-reduce-options.ts";
import type { BadRecord } from "../../compute/mapreduce/task-options.ts";
import type { Source } from "../../core/dataset/source.ts";
import type { PublishResult } from "../../core/job/job-context.ts";
import type { BadRecordPolicy, MapReduceRequest } from "../../core/mapreduce/map-reduce-request.ts";
import { fileList } from "../files/file-list.ts";
import { toNamedRequest } from "../publish/named-request.ts";
import { publishDataset } from "../publish/publish.ts";
import type { PublishScope } from "../publish/publish-scope.ts";

/** Publishes the rows that came of it. @throws MillraceError as publishing does */
export async function publishRows(
  { output, checks }: MapReduceRequest,
  reduced: MapReduced,
  folder: string,
  scope: PublishScope,
): Promise<PublishResult> {
  const { dataset } = toNamedRequest({ output }).output;
  const source = await toSource(reduced, { dataset, folder, scope });
  return await publishDataset(toNamedRequest({ source, output, checks }), scope);
}

interface RowsPlace {
  readonly dataset: string;
  readonly folder: string;
  readonly scope: PublishScope;
}

/** Rows whose types are known need not be looked at for them, which costs more than all the rest of publishing. */
async function toSource({ files, values }: MapReduced, place: RowsPlace): Promise<Source> {
  const { folder, scope } = place;
  if (files.length === 0) {
    const empty = join(folder, "none.ndjson");
    await writeFile(empty, "");
    return { file: { path: [empty], format: "ndjson" } };
  }
  const value = await valueTypeFor(values, place);
  if (value === undefined) return { file: { path: files, format: "ndjson" } };
  const path = join(folder, "rows.parquet");
  const rows = `read_ndjson(${fileList(files)}, columns = {key: 'VARCHAR', value: '${value}'})`;
  await using session = await scope.engine.open();
  await session.writeParquet(`SELECT key, value FROM ${rows}`, { path, signal: scope.signal });
  return { file: { path: [path], format: "parquet" } };
}

/** Of the column `value`; nothing where the values have to be looked at, as they have for a table that has other types. */
async function valueTypeFor(
  values: MapReduced["values"],
  { dataset, scope }: RowsPlace,
): Promise<"BIGINT" | "DOUBLE" | undefined> {
  if (values === undefined || values === "json") return undefined;
  const schema = scope.isFullRefresh ? undefined : (await scope.catalog.find(dataset))?.schema;
  const typeOf = (column: string): string | undefined => schema?.find(({ name }) => name === column)?.type;
  if ((typeOf("key") ?? "VARCHAR") !== "VARCHAR") return undefined;
  const own = values === "whole" ? "BIGINT" : "DOUBLE";
  const known = typeOf("value") ?? own;
  return known === own || known === "DOUBLE" ? known : undefined;
}

/** Appends records that were left out to their dataset, where the policy names one. @throws MillraceError as publishing does */
export async function publishLetters(
  policy: BadRecordPolicy,
  letters: readonly BadRecord[],
  folder: string,
  scope: PublishScope,
): Promise<void> {
  if (policy === "fail" || !("deadLetter" in policy) || letters.length === 0) return;
  const path = join(folder, "letters.ndjson");
  const run = scope.run.id;
  const lines = letters.map(({ at, ...letter }) => `${JSON.stringify({ run, starts_at: at, ...letter })}\n`);
  await writeFile(path, lines.join(""));
  const output = { dataset: policy.deadLetter, mode: "append" as const };
  await publishDataset(toNamedRequest({ source: { file: { path: [path], format: "ndjson" } }, output }), scope);
}
