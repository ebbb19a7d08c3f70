// Files behind a connection, copied to the spool before anything is read of them.
import { mkdir, statfs } from "node:fs/promises";
import type { FileService } from "../../../connections/files/file-service.ts";
import { classifyError } from "../../../core/errors/classify-error.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { inParallel } from "../../in-parallel.ts";
import { FileSpool, type NamedFile } from "../file-spool.ts";
import type { FoundFile } from "../../files/find-files.ts";

export interface FetchingFiles {
  readonly service: FileService;
  /** Folder that is the caller's to delete. */
  readonly spool: string;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly operation: (text: string) => void;
  /** Whether a file that cannot be fetched leaves the others. */
  readonly leavesOthers: boolean;
}

/** A file that can be read, and the name that it was found by. */
export interface ReadableFile extends NamedFile {
  readonly found: string;
}

export interface FetchedFiles {
  readonly files: readonly ReadableFile[];
  /** Gives files their names back. */
  readonly names: FileSpool;
  /** Why a file could not be fetched, by its name. */
  readonly failures: ReadonlyMap<string, MillraceError>;
}

/** Files that are fetched at once. */
const parallel = 8;

/** @throws MillraceError `DISK_FULL` before anything is fetched that has no place, and what a file fails with */
export async function fetchFiles(found: readonly FoundFile[], fetching: FetchingFiles): Promise<FetchedFiles> {
  const { spool, operation, leavesOthers, signal, now } = fetching;
  await assertPlace(found, spool);
  const names = new FileSpool(spool);
  const failures = new Map<string, MillraceError>();
  let done = 0;
  const files = await inParallel(found, parallel, async (file) => {
    try {
      return await fetchOne(file, names, fetching);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = classifyError(thrown, now());
      if (!leavesOthers || error.code === "DISK_FULL") throw error;
      failures.set(file.name, error);
      return undefined;
    } finally {
      done += 1;
      operation(`fetching files: ${done} of ${found.length}`);
    }
  });
  return { files: files.filter((file) => file !== undefined), names, failures };
}

async function fetchOne(
  { remote, name }: FoundFile,
  names: FileSpool,
  { service, signal }: FetchingFiles,
): Promise<ReadableFile> {
  if (remote === undefined) throw new MillraceError("INTERNAL", "a file of this machine is not fetched");
  const { path } = await names.add(name, /\.(\w{1,20})$/.exec(name)?.[1] ?? "bin");
  const { packing } = await service.download(remote, path, { signal });
  const ending = packing === "gzip" ? ".gz" : ".zst";
  const isNamed = packing === undefined || name.toLowerCase().endsWith(ending);
  return { path, name: isNamed ? name : `${name}${ending}`, found: name };
}

/** Half of a delivery on a full disk helps nobody. */
async function assertPlace(files: readonly FoundFile[], spool: string): Promise<void> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  await mkdir(spool, { recursive: true });
  const { bavail, bsize } = await statfs(spool);
  if (bytes <= bavail * bsize) return;
  const message = `${files.length} files have ${bytes} bytes, and the disk of the staging folder has ${bavail * bsize} left`;
  throw new MillraceError("DISK_FULL", message, {
    hint: "free space, or let a run read fewer files: `maxUnitsPerRun`",
  });
}
