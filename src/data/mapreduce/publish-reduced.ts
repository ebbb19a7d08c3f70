// Publishes what map and reduce have left in files: rows, and records that were left out.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MapReduced } from "../../compute/mapreduce/map-reduce-options.ts";
import { type BadRecord, valueFormOf } from "../../compute/mapreduce/task-options.ts";
import type { Source } from "../../core/dataset/source.ts";
import type { PublishRequest, PublishResult } from "../../core/job/job-context.ts";
import type { BadRecordPolicy, MapReduceRequest } from "../../core/mapreduce/map-reduce-request.ts";
import { toNamedRequest } from "../publish/named-request.ts";
import { publishDataset } from "../publish/publish.ts";
import type { PublishScope } from "../publish/publish-scope.ts";

/** Publishes the rows that came of it. @throws MillraceError as publishing does */
export async function publishRows(
  request: MapReduceRequest,
  reduced: MapReduced,
  folder: string,
  scope: PublishScope,
): Promise<PublishResult> {
  const { output, checks } = request;
  const rows = await toRows(reduced, folder, await findTypes(request, scope));
  return await publishDataset(toNamedRequest({ ...rows, output, checks }), scope);
}

/** Where the rows are, and what becomes of them on their way. */
type Rows = Pick<PublishRequest, "source" | "sql">;

async function toRows({ files, values, arePairs }: MapReduced, folder: string, types: ColumnTypes): Promise<Rows> {
  if (files.length === 0) {
    const empty = join(folder, "none.ndjson");
    await writeFile(empty, "");
    return { source: { file: { path: [empty], format: "ndjson" } } };
  }
  if (!arePairs) return { source: { file: { path: files, format: "ndjson" } } };
  const source: Source = { file: { path: files, format: "parquet" } };
  const areDoubles = values !== "whole" || types.get("value") === "DOUBLE";
  return areDoubles ? { source } : { source, sql: "SELECT key, CAST(value AS BIGINT) AS value FROM source" };
}

/**
 * Whether the rows of a job are texts with numbers and its table, if there is one, has columns for such: then their types are known and
 * no value has to be looked at for them, which costs more than all the rest of publishing.
 */
export async function hasPairs(request: MapReduceRequest, scope: PublishScope): Promise<boolean> {
  if (request.code.row !== undefined || valueFormOf(request.code) !== "number") return false;
  const types = await findTypes(request, scope);
  return (types.get("key") ?? "VARCHAR") === "VARCHAR" && ["BIGINT", "DOUBLE"].includes(types.get("value") ?? "BIGINT");
}

type ColumnTypes = ReadonlyMap<string, string>;

/** Of the table that the rows go to; none where it is made anew. */
async function findTypes({ output }: MapReduceRequest, scope: PublishScope): Promise<ColumnTypes> {
  const { dataset } = toNamedRequest({ output }).output;
  const found = scope.isFullRefresh ? undefined : await scope.catalog.find(dataset);
  return new Map((found?.schema ?? []).map(({ name, type }) => [name, type]));
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
