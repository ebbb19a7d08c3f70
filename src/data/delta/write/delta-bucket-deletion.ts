// Deletes a Delta table in a bucket and nothing else. A bucket renames nothing, so that the names of the table's files are written down
// before the log goes; who is interrupted finds them again.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findBucket } from "../../../connections/s3/find-bucket.ts";
import type { S3Service } from "../../../connections/s3/s3-service.ts";
import type { EngineSession } from "../../../compute/engine.ts";
import { parsePlace, printPlace, type RemotePlace } from "../../files/recorded-place.ts";
import { withScratch } from "../../files/scratch-folder.ts";
import { inParallel } from "../../in-parallel.ts";
import { logFolderName } from "../log/delta-log.ts";
import { isPartitionFolder } from "../schema/delta-partition.ts";
import { isNamedByUs } from "./delta-placement.ts";
import { listNamedFiles } from "./delta-named-files.ts";

/** Deletes what a log names, what crashed attempts of ours left, and the log. Doing it again finishes what was interrupted. */
export async function deleteBucketTable(session: EngineSession, place: RemotePlace): Promise<void> {
  const bucket = await findBucket(place.connection);
  const folder = place.path.replace(/\/+$/, "");
  const keys = await listTable(bucket, folder);
  const log = keys.filter((key) => key.startsWith(`${folder}/${logFolderName}/`));
  const named = new Set(await readNames(bucket, folder));
  if (log.length === 0 && named.size === 0) return;
  const table = printPlace({ ...place, path: folder });
  const paths = log.map((key) => printPlace({ ...place, path: key }));
  const readText = async (path: string): Promise<string> =>
    (await bucket.read(parsePlace(path)?.path ?? "", undefined, {}))?.text ?? "";
  for (const name of await listNamedFiles(session, table, { paths, readText })) named.add(name);
  await writeNames(bucket, folder, [...named]);
  await removeAll(bucket, log);
  const isOwn = (name: string): boolean => named.has(name) || isLeftover(name);
  await removeAll(
    bucket,
    keys.filter((key) => isOwn(key.slice(folder.length + 1))),
  );
  await bucket.remove(`${folder}/${namesFile}`, {});
}

/** Names of the files of a table whose deletion has begun. */
const namesFile = ".millrace-deleted-log";

/** Keys of the table, without those of tables that are in its folder. */
async function listTable(bucket: S3Service, folder: string): Promise<readonly string[]> {
  const files = await Array.fromAsync(bucket.listPrefix(`${folder}/`, {}));
  const keys = files.map(({ path }) => path);
  const others = new Set(
    keys.flatMap((key) => {
      const [, inner] = new RegExp(`^(.*)/${logFolderName}/`).exec(key.slice(folder.length + 1)) ?? [];
      return inner === undefined ? [] : [`${folder}/${inner}/`];
    }),
  );
  return keys.filter((key) => ![...others].some((other) => key.startsWith(other)));
}

function isLeftover(name: string): boolean {
  const folders = name.split("/");
  const file = folders.pop() ?? "";
  return isNamedByUs(file) && folders.every(isPartitionFolder);
}

async function readNames(bucket: S3Service, folder: string): Promise<readonly string[]> {
  const found = await bucket.read(`${folder}/${namesFile}`, undefined, {});
  return (found?.text ?? "").split("\n").flatMap((line) => (line === "" ? [] : [String(JSON.parse(line))]));
}

async function writeNames(bucket: S3Service, folder: string, names: readonly string[]): Promise<void> {
  await withScratch(async (scratch) => {
    const path = join(scratch, "names");
    await writeFile(path, names.map((name) => `${JSON.stringify(name)}\n`).join(""));
    await bucket.upload(path, `${folder}/${namesFile}`, { owner: "delta" });
  });
}

async function removeAll(bucket: S3Service, keys: readonly string[]): Promise<void> {
  await inParallel(keys, 16, (key) => bucket.remove(key, {}));
}
