// Checkpoints: the whole state of a table at one version as one Parquet file, so that readers need not apply the log from its start.
// Other readers find it through `_last_checkpoint`, which is a hint and may be behind.
import { randomUUID } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { readAdds } from "./checkpoint-adds.ts";
import { toAction } from "./delta-action-shape.ts";
import type { Action } from "./delta-actions.ts";
import { syncFile, writeDurable } from "../../files/file-system.ts";
import { tableFilesOf, withLocalCopies } from "../store/table-files-of.ts";
import { type LogCheckpoint, logFolderName, parseActions } from "./delta-log.ts";
import { decodePath } from "./delta-path.ts";
import type { DeltaSnapshot } from "./action-reconciliation.ts";
import { readRetention } from "./delta-retention.ts";
import { parseEngineType } from "../../../compute/engine-type.ts";

/** A checkpoint is written at every version that this divides. */
const checkpointInterval = 10;

/**
 * All actions of a checkpoint, in one part or several.
 * @throws MillraceError `DELTA_CORRUPT` when it cannot be read or is not the state of a table
 */
export async function readCheckpoint(session: EngineSession, checkpoint: LogCheckpoint): Promise<Action[]> {
  const path = checkpoint.files[0] ?? "";
  try {
    const actions = await readWithSidecars(session, checkpoint);
    if (actions.some(({ protocol }) => protocol) && actions.some(({ metaData }) => metaData)) return actions;
  } catch (cause) {
    if (cause instanceof MillraceError && passingCodes.has(cause.code)) throw cause;
    throw new MillraceError("DELTA_CORRUPT", `the checkpoint \`${path}\` cannot be read`, { cause });
  }
  throw new MillraceError("DELTA_CORRUPT", `the checkpoint \`${path}\` has no \`protocol\` or no \`metaData\``);
}

/** The actions of a checkpoint with those in the files that it names; the whole is the state of the table. */
async function readWithSidecars(session: EngineSession, { files }: LogCheckpoint): Promise<Action[]> {
  const actions = await readCheckpointActions(session, files);
  const folder = join(dirname(files[0] ?? ""), "_sidecars");
  const sidecars = actions.flatMap(({ sidecar }) =>
    sidecar ? [join(folder, basename(decodePath(sidecar.path)))] : [],
  );
  return sidecars.length === 0 ? actions : [...actions, ...(await readCheckpointActions(session, sidecars))];
}

/** The actions in parts of a checkpoint, whether these are all or not. */
export async function readCheckpointActions(session: EngineSession, files: readonly string[]): Promise<Action[]> {
  return await withLocalCopies(files, (paths) => readActions(session, paths));
}

async function readActions(session: EngineSession, files: readonly string[]): Promise<Action[]> {
  const [first = ""] = files;
  if (first.endsWith(".json")) return parseActions(await readFile(first, "utf8"), first);
  const source = `read_parquet([${files.map(quoteLiteral).join(", ")}], union_by_name = true, hive_partitioning = false)`;
  const columns = await session.describe(`SELECT * FROM ${source}`);
  const adds = columns.find(({ name }) => name === "add");
  const others = columns.filter((column) => column !== adds).flatMap(selectAction);
  const rows = `SELECT ${others.map(({ sql }) => sql).join(", ")} FROM ${source} WHERE ${others.map(({ isThere }) => isThere).join(" OR ")}`;
  const sql = `SELECT CAST(to_json(action) AS VARCHAR) AS action FROM (${rows}) AS action`;
  const actions: Action[] = [];
  for await (const found of others.length === 0 ? [] : session.stream(sql)) {
    for (const row of found) actions.push(toAction(JSON.parse(String(row["action"])), "a row of the checkpoint"));
  }
  return adds === undefined ? actions : [...actions, ...(await readAdds(session, source, listFields(adds)))];
}

/** Failures that say nothing about the file. */
export const passingCodes: ReadonlySet<string> = new Set(["RUN_STOPPED", "DISK_FULL"]);

/** Writes the checkpoint of a version at which one is due. */
export async function writeDueCheckpoint(
  session: EngineSession,
  snapshot: DeltaSnapshot,
  stagingDir: string,
): Promise<void> {
  const interval = Number(snapshot.metadata.configuration?.["delta.checkpointInterval"] ?? checkpointInterval);
  if (snapshot.version === 0 || snapshot.version % interval !== 0) return;
  await writeCheckpoint(session, snapshot, stagingDir, Date.now());
}

/** Writes the checkpoint of `snapshot` and points `_last_checkpoint` at it. Safe to repeat. */
export async function writeCheckpoint(
  session: EngineSession,
  snapshot: DeltaSnapshot,
  stagingDir: string,
  now: number,
): Promise<void> {
  const actions = checkpointActions(snapshot, now);
  const draft = join(stagingDir, `checkpoint-${randomUUID()}`);
  const source = `${draft}.ndjson`;
  const lines = actions.map((action) => JSON.stringify(action));
  const maxLineBytes = lines.reduce((longest, line) => Math.max(longest, Buffer.byteLength(line)), minBufferBytes);
  await writeFile(source, lines.join("\n"));
  const sql = `SELECT * FROM read_json(${quoteLiteral(source)}, format = 'newline_delimited', columns = ${checkpointColumns}, maximum_object_size = ${maxLineBytes + 1024})`;
  await session.writeParquet(sql, { path: `${draft}.parquet` });
  await syncFile(`${draft}.parquet`);
  const { size } = await stat(`${draft}.parquet`);
  const name = `${String(snapshot.version).padStart(20, "0")}.checkpoint.parquet`;
  await tableFilesOf(snapshot.tablePath).replace(`${draft}.parquet`, `${logFolderName}/${name}`);
  await writePointer(snapshot, { size: actions.length, sizeInBytes: size }, `${draft}.json`);
}

/** The engine sets aside twice the longest line for every thread. */
const minBufferBytes = 1024 * 1024;

/** What table features add to the actions on files. */
const fileFields = ["deletionVector", "baseRowId", "defaultRowCommitVersion", "clusteringProvider"];

/**
 * The fields of each action that are read. Others are left out before the row becomes JSON, which has no form for what
 * some of them hold, such as a NaN in `add.stats_parsed`.
 */
const readFields: ReadonlyMap<string, readonly string[]> = new Map([
  ["txn", ["appId", "version", "lastUpdated"]],
  ["add", ["path", "partitionValues", "size", "modificationTime", "dataChange", "stats", "tags", ...fileFields]],
  [
    "remove",
    ["path", "deletionTimestamp", "dataChange", "extendedFileMetadata", "partitionValues", "size", ...fileFields],
  ],
  [
    "metaData",
    ["id", "name", "description", "format", "schemaString", "partitionColumns", "createdTime", "configuration"],
  ],
  ["protocol", ["minReaderVersion", "minWriterVersion", "readerFeatures", "writerFeatures"]],
  ["domainMetadata", ["domain", "configuration", "removed"]],
  ["sidecar", ["path"]],
]);

/** The fields of an action that a checkpoint has and that are read. */
function listFields({ name, type }: Column): string[] {
  const parsed = parseEngineType(type);
  const present = parsed.kind === "struct" ? parsed.fields.map((field) => field.name) : [];
  return (readFields.get(name) ?? []).filter((field) => present.includes(field));
}

/** One column of a checkpoint with the fields that are read; nothing for an action that is not known. */
function selectAction(column: Column): { readonly sql: string; readonly isThere: string }[] {
  const action = quoteIdentifier(column.name);
  const fields = listFields(column).map((field) => `${quoteIdentifier(field)} := ${action}.${quoteIdentifier(field)}`);
  if (fields.length === 0) return [];
  const isThere = `${action} IS NOT NULL`;
  return [{ isThere, sql: `CASE WHEN ${isThere} THEN struct_pack(${fields.join(", ")}) END AS ${action}` }];
}

const text = "MAP(VARCHAR, VARCHAR)";
const vector =
  'STRUCT(storageType VARCHAR, pathOrInlineDv VARCHAR, "offset" INTEGER, sizeInBytes INTEGER, cardinality BIGINT)';
const rowIds = "baseRowId BIGINT, defaultRowCommitVersion BIGINT";
const checkpointColumns = `{
  txn: 'STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)',
  add: 'STRUCT(path VARCHAR, partitionValues ${text}, size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, stats VARCHAR, tags ${text}, deletionVector ${vector}, ${rowIds}, clusteringProvider VARCHAR)',
  remove: 'STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN, partitionValues ${text}, size BIGINT, deletionVector ${vector}, ${rowIds})',
  metaData: 'STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options ${text}), schemaString VARCHAR, partitionColumns VARCHAR[], createdTime BIGINT, configuration ${text})',
  protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])',
  domainMetadata: 'STRUCT(domain VARCHAR, configuration VARCHAR, removed BOOLEAN)'
}`;

function checkpointActions(snapshot: DeltaSnapshot, now: number): Action[] {
  const { protocol, metadata } = snapshot;
  const retention = readRetention(metadata);
  return [
    { protocol },
    {
      metaData: {
        ...metadata,
        format: { options: {}, ...metadata.format },
        configuration: metadata.configuration ?? {},
      },
    },
    ...snapshot.transactions.filter((txn) => retention.keepsTransaction(txn, now)).map((txn) => ({ txn })),
    ...snapshot.domains.map((domainMetadata) => ({ domainMetadata })),
    ...snapshot.tombstones
      .filter((tombstone) => retention.keepsTombstone(tombstone, now))
      .map((remove) => ({ remove: { ...remove, dataChange: false } })),
    ...snapshot.files.map((add) => ({ add: { ...add, dataChange: false } })),
  ];
}

async function writePointer(
  snapshot: DeltaSnapshot,
  checkpoint: { readonly size: number; readonly sizeInBytes: number },
  draft: string,
): Promise<void> {
  const files = tableFilesOf(snapshot.tablePath);
  const name = `${logFolderName}/_last_checkpoint`;
  const before = await files.readText(name).then(
    (found) => (JSON.parse(found ?? "{}") as { version?: number }).version ?? -1,
    () => -1, // what is there is no pointer
  );
  if (before >= snapshot.version) return;
  const hint = { version: snapshot.version, ...checkpoint, numOfAddFiles: snapshot.files.length };
  await writeDurable(draft, JSON.stringify(hint));
  await files.replace(draft, name);
}
