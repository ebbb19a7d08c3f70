// A local file in HDFS: written whole under a hidden name beside its place, compared, and renamed.
import { stat } from "node:fs/promises";
import { MillraceError } from "../../core/errors/errors.ts";
import type { FileAccess, Upload } from "../files/file-service.ts";
import { retryTransient } from "../files/retry-transient.ts";
import { temporaryPath } from "../files/temporary-path.ts";
import { alreadyThere, cannotReplace, otherBytes, otherLength, removedMeanwhile } from "../files/upload-errors.ts";
import { hasHdfsChecksum } from "./hdfs-checksum.ts";
import type { WebHdfsClient } from "./webhdfs-client.ts";
import { checksum, type HdfsStatus, isSameFile, oneStatus, outcome, parseAnswer } from "./webhdfs-status.ts";

export interface WebHdfsUpload {
  readonly client: WebHdfsClient;
  readonly from: string;
  readonly path: string;
  readonly place: string;
}

/** What is at a path; `undefined` for nothing. */
export async function findStatus(
  client: WebHdfsClient,
  path: string,
  access: FileAccess,
): Promise<HdfsStatus | undefined> {
  const found = await client.ask({ path, op: "GETFILESTATUS" }, access);
  return found === undefined ? undefined : parseAnswer(oneStatus, found, path).FileStatus;
}

/**
 * Whether a local file has the bytes of one of the cluster, by the checksum that the cluster keeps.
 * @returns `undefined` where the cluster keeps none that can be made of the bytes
 */
export async function hasSameBytes(
  client: WebHdfsClient,
  local: string,
  { path, status }: { readonly path: string; readonly status: HdfsStatus },
  access: FileAccess,
): Promise<boolean | undefined> {
  const { length, blockSize = 0, encBit = false, ecBit = false } = status;
  if (length === 0 || blockSize === 0 || encBit || ecBit) return undefined;
  const found = checksum.safeParse(await client.ask({ path, op: "GETFILECHECKSUM" }, access));
  return found.success ? await hasHdfsChecksum(local, found.data.FileChecksum, blockSize) : undefined;
}

/** @returns the file that is there now @throws MillraceError as `FileService.upload` */
export async function uploadToHdfs(input: WebHdfsUpload, upload: Upload): Promise<HdfsStatus> {
  const { client, path, place } = input;
  const { owner, onReady, over } = upload;
  const temporary = temporaryPath(path, owner);
  try {
    await assertNoFolder(client, path, place, upload);
    const written = await retryTransient(() => writeTemporary(input, temporary, upload), upload);
    await onReady?.();
    return await moveInPlace(input, { temporary, written, isReplacing: over !== "absent" }, upload);
  } catch (error) {
    // also when the run is stopped, whose signal would end this as well
    await client.ask({ path: temporary, op: "DELETE", method: "DELETE" }, {}).catch(() => undefined);
    throw error;
  }
}

async function assertNoFolder(client: WebHdfsClient, path: string, place: string, access: FileAccess): Promise<void> {
  if ((await findStatus(client, path, access))?.type !== "DIRECTORY") return;
  throw new MillraceError("TARGET_UNREADABLE", `expected \`${place}\` to be a file, got: a folder`, {
    hint: "move it away, or name another path",
  });
}

async function writeTemporary(
  { client, from, place }: WebHdfsUpload,
  temporary: string,
  access: FileAccess,
): Promise<HdfsStatus> {
  const { size } = await stat(from);
  await client.create(temporary, { file: from, size }, access);
  const status = await findStatus(client, temporary, access);
  if (status === undefined) throw removedMeanwhile(place);
  // a data node that loses its caller keeps what has come
  if (status.length !== size) throw otherLength(place, size, status.length);
  const isSame = await hasSameBytes(client, from, { path: temporary, status }, access);
  if (isSame === false) throw otherBytes(place, "bytes were changed on their way; the file is to be written again");
  return status;
}

interface Move {
  readonly temporary: string;
  readonly written: HdfsStatus;
  readonly isReplacing: boolean;
}

/** The answer to an earlier try may have got lost: then the file is there, and the hidden one is not. */
async function moveInPlace(
  { client, path, place }: WebHdfsUpload,
  { temporary, written, isReplacing }: Move,
  access: FileAccess,
): Promise<HdfsStatus> {
  const query = { destination: path, renameoptions: isReplacing ? "OVERWRITE" : "NONE" };
  const answer = await client
    .ask({ path: temporary, op: "RENAME", method: "PUT", query }, access)
    .catch((error: unknown) => {
      if (error instanceof MillraceError && error.code === "TARGET_CONFLICT") return { boolean: false };
      throw error;
    });
  const found = await findStatus(client, path, access);
  if (found !== undefined && isSameFile(found, written)) return found;
  const isRefused = outcome.safeParse(answer).data?.boolean === false;
  if (!isRefused || found === undefined) throw removedMeanwhile(place);
  throw isReplacing
    ? cannotReplace(
        place,
        "use mode `append`, whose files have new names, or the name node itself in the place of HttpFS",
      )
    : alreadyThere(place);
}
