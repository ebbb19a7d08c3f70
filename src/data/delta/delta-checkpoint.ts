// Checkpoints: the whole state of a table at one version as one Parquet file, so that readers need not replay the log from its start.
// Other readers find it through `_last_checkpoint`, which is a hint and may be behind.
import { randomUUID } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Action } from "./delta-actions.ts";
import { replaceFile, syncFile, writeDurable } from "./delta-file-system.ts";
import { type LogCheckpoint, logFolder } from "./delta-log.ts";
import type { DeltaSnapshot } from "./delta-replay.ts";
import { readRetention } from "./delta-retention.ts";

/** A checkpoint is written at every version that this divides. */
export const checkpointInterval = 10;

/** All actions of a checkpoint, in one part or several. */
export async function readCheckpoint(session: EngineSession, checkpoint: LogCheckpoint): Promise<Action[]> {
  const files = `[${checkpoint.files.map(quoteLiteral).join(", ")}]`;
  const actions: Action[] = [];
  try {
    const source = `read_parquet(${files}, union_by_name = true, hive_partitioning = false)`;
    const columns = (await session.describe(`SELECT * FROM ${source}`)).map((column) => column.name);
    const wanted = columns.filter((column) => readColumns.has(column)).map(quoteIdentifier);
    const sql = `SELECT CAST(to_json(action) AS VARCHAR) AS action FROM (SELECT ${wanted.join(", ")} FROM ${source}) AS action`;
    for await (const rows of session.stream(sql)) {
      for (const row of rows) actions.push(JSON.parse(String(row["action"])) as Action);
    }
  } catch (cause) {
    throw new MillraceError("DELTA_CORRUPT", `the checkpoint \`${checkpoint.files[0] ?? ""}\` cannot be read`, {
      cause,
    });
  }
  return actions;
}

/** Writes the checkpoint of `snapshot` and points `_last_checkpoint` at it. Safe to repeat. */
export async function writeCheckpoint(
  session: EngineSession,
  snapshot: DeltaSnapshot,
  stagingDir: string,
  now: number,
): Promise<void> {
  const folder = logFolder(snapshot.tablePath);
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
  await replaceFile(
    `${draft}.parquet`,
    join(folder, `${String(snapshot.version).padStart(20, "0")}.checkpoint.parquet`),
  );
  await writeHint(snapshot, { size: actions.length, sizeInBytes: size }, `${draft}.json`);
}

/** The engine sets aside twice the longest line for every thread. */
const minBufferBytes = 1024 * 1024;

const readColumns: ReadonlySet<string> = new Set([
  "txn",
  "add",
  "remove",
  "metaData",
  "protocol",
  "sidecar",
  "checkpointMetadata",
]);

const text = "MAP(VARCHAR, VARCHAR)";
const checkpointColumns = `{
  txn: 'STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)',
  add: 'STRUCT(path VARCHAR, partitionValues ${text}, size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, stats VARCHAR, tags ${text})',
  remove: 'STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN, partitionValues ${text}, size BIGINT)',
  metaData: 'STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options ${text}), schemaString VARCHAR, partitionColumns VARCHAR[], createdTime BIGINT, configuration ${text})',
  protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])'
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
    ...snapshot.tombstones
      .filter((tombstone) => retention.keepsTombstone(tombstone, now))
      .map((remove) => ({ remove: { ...remove, dataChange: false } })),
    ...snapshot.files.map((add) => ({ add: { ...add, dataChange: false } })),
  ];
}

async function writeHint(
  snapshot: DeltaSnapshot,
  checkpoint: { readonly size: number; readonly sizeInBytes: number },
  draft: string,
): Promise<void> {
  const path = join(logFolder(snapshot.tablePath), "_last_checkpoint");
  const before = await readFile(path, "utf8").then(
    (found) => (JSON.parse(found) as { version?: number }).version ?? -1,
    () => -1, // there is none yet
  );
  if (before >= snapshot.version) return;
  const hint = { version: snapshot.version, ...checkpoint, numOfAddFiles: snapshot.files.length };
  await writeDurable(draft, JSON.stringify(hint));
  await replaceFile(draft, path);
}
