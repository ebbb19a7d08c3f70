// Rows on their way: a Parquet file in a bucket and a manifest that names it. Both have names that no other attempt has, and are in the
// journal before they are there, so that whatever becomes of the attempt, they go.
import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import { findBucket } from "../../../connections/s3/find-bucket.ts";
import type { S3Service } from "../../../connections/s3/s3-service.ts";
import type { S3Keys } from "../../../connections/s3/s3-signature.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { makeFolder } from "../../files/file-system.ts";
import type { TargetInput } from "../../target.ts";
import { listPresentColumns } from "../present-columns.ts";
import { printPlace } from "../../files/recorded-place.ts";
import { manifestName, rowsName, type StagedIntent } from "./leftovers.ts";
import { defaultStagingPath, type RedshiftStaging } from "./options.ts";
import { toLoadedType } from "./redshift-types.ts";

/** What the cluster is to load. */
export interface StagedFile {
  /** Address of the manifest; absent when there is no row. */
  readonly manifest?: string;
  readonly rows: number;
  /** Columns of the table, in the order of those of the file. */
  readonly columns: readonly Column[];
  /** What the bucket is written with. */
  readonly keys?: S3Keys;
}

/** Puts the rows into the bucket, without the columns that they lack, so that the table's defaults hold for those. */
export async function stageFile(
  { connection, path = defaultStagingPath }: RedshiftStaging,
  input: TargetInput,
): Promise<StagedFile> {
  const columns = listPresentColumns(input);
  const rows = input.staged.files.reduce((sum, file) => sum + file.rows, 0);
  const bucket = await findBucket(connection);
  const keys = bucket.keys === undefined ? {} : { keys: bucket.keys };
  if (rows === 0) return { rows, columns, ...keys };
  const { runKey: owner } = input.writer;
  const folder = [...path.split("/").filter((part) => part !== ""), `${owner}-${randomBytes(8).toString("hex")}`].join(
    "/",
  );
  const intent: StagedIntent = { format: "redshift", path: printPlace({ connection, path: folder }), owner };
  await input.intend(intent);
  const local = join(input.stagingFolder, "redshift");
  await makeFolder(local);
  const bytes = await writeRows(join(local, rowsName), columns, input);
  const manifest = toManifest(bucket.place(`${folder}/${rowsName}`), bytes);
  await writeFile(join(local, manifestName), manifest);
  for (const name of [rowsName, manifestName]) await upload(bucket, join(local, name), `${folder}/${name}`, input);
  await rm(local, { recursive: true });
  return { manifest: bucket.place(`${folder}/${manifestName}`), rows, columns, ...keys };
}

/** @returns the length of the file */
async function writeRows(
  path: string,
  columns: readonly Column[],
  { session, rows, signal }: TargetInput,
): Promise<number> {
  const values = columns.map(
    ({ name, type }, index) => `${toLoadedType(type).toFile(quoteIdentifier(name))} AS c${index}`,
  );
  const [file] = await session.writeParquet(`SELECT ${values.join(", ")} FROM (${rows.sql})`, { path, signal });
  if (file === undefined) throw new MillraceError("INTERNAL", `nothing was written to \`${path}\``);
  return file.bytes;
}

/** @see https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html */
function toManifest(url: string, bytes: number): string {
  // COPY of Parquet needs the length
  const entry = { url, mandatory: true, meta: { content_length: bytes } };
  return `${JSON.stringify({ entries: [entry] }, null, 2)}\n`;
}

async function upload(bucket: S3Service, from: string, key: string, { writer, signal }: TargetInput): Promise<void> {
  await bucket.upload(from, key, { owner: writer.runKey, signal });
}
