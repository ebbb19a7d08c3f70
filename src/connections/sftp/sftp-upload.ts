// A local file on an SSH server: written whole under a hidden name beside its place, flushed where the server can, and renamed.
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import type { Stats } from "ssh2";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Upload } from "../files/file-service.ts";
import { temporaryPath } from "../files/temporary-path.ts";
import { alreadyThere, cannotReplace, otherLength } from "../files/upload-errors.ts";
import type { Done, SftpChannel, SftpSession } from "./sftp-session.ts";

export interface SftpUpload {
  readonly session: SftpSession;
  readonly from: string;
  readonly path: string;
  readonly place: string;
}

const writeBytes = 32 * 1024;
const parallel = 64;

/** @throws MillraceError as `FileService.upload` */
export async function uploadOverSftp(input: SftpUpload, { owner, over, onReady, signal }: Upload): Promise<void> {
  const { session, path, place } = input;
  const temporary = temporaryPath(path, owner);
  const ask = <T>(start: (sftp: SftpChannel, done: Done<T>) => void): Promise<T> =>
    session.ask<T>(`writing \`${place}\``, signal, start);
  await makeFolders(ask, dirname(path));
  try {
    await writeTemporary(ask, input, temporary, signal);
    await onReady?.();
    if (over === "absent") await moveIfAbsent(ask, temporary, path, place);
    else await replace(ask, temporary, path, place);
  } catch (error) {
    if (session.isOpen) {
      const unlink = (sftp: SftpChannel, done: Done<void>): void => sftp.unlink(temporary, done);
      await session.ask<void>("cleaning up", undefined, unlink).catch(() => undefined);
    }
    throw error;
  }
}

type Ask = <T>(start: (sftp: SftpChannel, done: Done<T>) => void) => Promise<T>;

async function writeTemporary(
  ask: Ask,
  { from, place }: SftpUpload,
  temporary: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await open(from, "r");
  try {
    const { size } = await file.stat();
    const handle = await ask<Buffer>((sftp, done) => sftp.open(temporary, "w", done));
    const offsets = startsOf(size);
    const work = async (): Promise<void> => {
      for (const at of offsets) {
        signal?.throwIfAborted();
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(writeBytes), 0, writeBytes, at);
        if (bytesRead > 0) await ask<void>((sftp, done) => sftp.write(handle, buffer, 0, bytesRead, at, done));
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: parallel }, work));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    await flush(ask, handle);
    const stats = await ask<Stats>((sftp, done) => sftp.fstat(handle, done));
    await ask<void>((sftp, done) => sftp.close(handle, done));
    if (stats.size !== size) throw otherLength(place, size, stats.size);
  } finally {
    await file.close();
  }
}

function* startsOf(size: number): Generator<number> {
  for (let at = 0; at < size; at += writeBytes) yield at;
}

/** Servers that cannot flush do so when they like. */
async function flush(ask: Ask, handle: Buffer): Promise<void> {
  await ask<void>((sftp, done) => sftp.ext_openssh_fsync(handle, done)).catch((error: unknown) => {
    if (!lacksExtension(error)) throw error;
  });
}

/** A plain rename of SFTP refuses a name that is taken. */
async function moveIfAbsent(ask: Ask, temporary: string, path: string, place: string): Promise<void> {
  try {
    await ask<void>((sftp, done) => sftp.rename(temporary, path, done));
  } catch (error) {
    if (!(await isThere(ask, path))) throw error;
    throw alreadyThere(place);
  }
}

async function replace(ask: Ask, temporary: string, path: string, place: string): Promise<void> {
  try {
    await ask<void>((sftp, done) => sftp.ext_openssh_rename(temporary, path, done));
  } catch (error) {
    if (!lacksExtension(error)) throw error;
    if (!(await isThere(ask, path))) return await moveIfAbsent(ask, temporary, path, place);
    throw cannotReplace(
      place,
      "use mode `append`, whose files have new names, or a server with `posix-rename@openssh.com`",
    );
  }
}

async function isThere(ask: Ask, path: string): Promise<boolean> {
  return await ask<Stats>((sftp, done) => sftp.stat(path, done)).then(
    () => true,
    () => false,
  );
}

async function makeFolders(ask: Ask, folder: string): Promise<void> {
  if (folder === "/" || (await isThere(ask, folder))) return;
  await makeFolders(ask, dirname(folder));
  try {
    await ask<void>((sftp, done) => sftp.mkdir(folder, done));
  } catch (error) {
    // another run may have made it meanwhile
    if (!(await isThere(ask, folder))) throw error;
  }
}

function lacksExtension(error: unknown): boolean {
  return error instanceof MillraceError && error.cause instanceof Error && /extended request/.test(error.cause.message);
}
