// The files of a version for engines that read Parquet themselves and know nothing of the log: only where the files alone say what the rows
// are.
import { dirname, relative, sep } from "node:path";
import type { StoredFiles } from "../../../compute/cluster.ts";
import { findBucket } from "../../../connections/s3/find-bucket.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { decodePath, toFilePath } from "../log/delta-path.ts";
import { parsePlace } from "../../files/recorded-place.ts";
import {
  type DeltaRelationSource,
  isZoneless,
  logicalColumns,
  partitionField,
  partitionText,
} from "./delta-relation-source.ts";
import { openExisting, type OpenDeltaScanOptions, selectFiles } from "./delta-scan.ts";

/**
 * Paths of a table in a bucket are addresses, `s3://bucket/key`. Nothing for a table that has deleted rows or renamed columns, or whose folders do not tell the values of its
 * partitions.
 * @throws MillraceError as `openDeltaScan`
 */
export async function findStoredFiles(
  tablePath: string,
  options: OpenDeltaScanOptions,
): Promise<StoredFiles | undefined> {
  const snapshot = await openExisting(tablePath, options);
  const { source } = await selectFiles(snapshot, options, undefined);
  if (!saysAll(snapshot, source)) return undefined;
  const { partitionColumns: by, schema, files } = source;
  const types = logicalColumns(schema);
  const print = await addressing(tablePath);
  return {
    paths: files.map(({ path }) => print(toFilePath(tablePath, path))),
    columns: schema.fields.map((field, index) => ({
      name: field.name,
      type: types[index]?.type ?? "",
      ...(isZoneless(field) ? { isStoredAsInstant: true } : {}),
    })),
    ...(by.length === 0 ? {} : { partitions: { root: print(tablePath), by } }),
  };
}

/** What others call a path: one of this machine as it is, and one behind a connection by its address. */
async function addressing(tablePath: string): Promise<(path: string) => string> {
  const place = parsePlace(tablePath);
  if (place === undefined) return (path) => path;
  const bucket = await findBucket(place.connection);
  return (path) => {
    const own = parsePlace(path);
    return own === undefined ? path : bucket.place(own.path);
  };
}

/** Features of tables that change nothing about what is in their files. */
const harmless: ReadonlySet<string> = new Set([
  "appendOnly",
  "invariants",
  "checkConstraints",
  "generatedColumns",
  "changeDataFeed",
  "deletionVectors",
  "columnMapping",
  "timestampNtz",
  "v2Checkpoint",
  "vacuumProtocolCheck",
  "domainMetadata",
  "inCommitTimestamp",
]);

function saysAll({ protocol, mapping }: DeltaSnapshot, source: DeltaRelationSource): boolean {
  const { files, schema, partitionColumns } = source;
  if (mapping !== "none" || !(protocol.readerFeatures ?? []).every((feature) => harmless.has(feature))) return false;
  if (schema.fields.some(({ type }) => type === "void")) return false;
  if (files.some(({ deletionVector }) => deletionVector !== undefined)) return false;
  return partitionColumns.length === 0 || files.every((file) => isInItsFolder(file, source));
}

/** What a folder is called whose rows have no value. */
const noValue = "__HIVE_DEFAULT_PARTITION__";

/** Whether the folders of a file tell the values of its partition columns, as readers of folders take them. */
function isInItsFolder(file: AddFile, source: DeltaRelationSource): boolean {
  const folders = dirname(relative(source.tablePath, toFilePath(source.tablePath, file.path))).split(sep);
  const { partitionColumns, schema } = source;
  if (folders.length !== partitionColumns.length) return false;
  return partitionColumns.every((column, index) => {
    const field = partitionField(schema, column);
    const expected = partitionText(file, field, source);
    const [name, ...value] = (folders[index] ?? "").split("=");
    if (expected === noValue || decodePath(name ?? "") !== field.name) return false;
    return decodePath(value.join("=")) === (expected ?? noValue);
  });
}
