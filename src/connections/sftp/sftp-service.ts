// The files of one account of an SSH server. A session is shared by all who ask at the same time, and made anew when it was lost.
import { posix } from "node:path";
import type { Stats } from "ssh2";
import type { SftpConnectionOptions } from "../../core/connection/file-connection-options.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Download, DownloadedFile, FileAccess, RemoteFile, Upload, FileService } from "../files/file-service.ts";
import type { PathPattern } from "../files/path-pattern.ts";
import { retryTransient } from "../files/retry-transient.ts";
import { temporaryPath } from "../files/temporary-path.ts";
import { removedMeanwhile } from "../files/upload-errors.ts";
import { type FolderEntry, sizeAndTime, walkFolders } from "../files/walk-folders.ts";
import { downloadOverSftp } from "./sftp-download.ts";
import { isMissing } from "./sftp-error.ts";
import { type Done, openSession, type SftpChannel, type SftpSession } from "./sftp-session.ts";
import { uploadOverSftp } from "./sftp-upload.ts";

/** Closing it ends its session. */
export class SftpService implements FileService {
  readonly name: string;
  readonly kind = "sftp";
  readonly #options: Resolved<SftpConnectionOptions>;
  #session: Promise<SftpSession> | undefined;

  constructor(name: string, options: Resolved<SftpConnectionOptions>) {
    this.name = name;
    this.#options = options;
  }

  place(path: string): string {
    const { host, port = 22, user } = this.#options;
    return `sftp://${user}@${host}${port === 22 ? "" : `:${port}`}${path}`;
  }

  list(pattern: PathPattern, access: FileAccess): AsyncIterable<RemoteFile> {
    this.#assertAbsolute(pattern.text);
    return walkFolders((path) => this.#readFolder(path, access), pattern, access);
  }

  async find(path: string, { signal }: FileAccess): Promise<RemoteFile | undefined> {
    this.#assertAbsolute(path);
    const stats = await this.#stat(path, signal);
    return stats?.isFile() === true ? toFile(path, stats) : undefined;
  }

  async download(file: RemoteFile, to: string, download: Download): Promise<DownloadedFile> {
    const place = this.place(file.path);
    return await downloadOverSftp({ file, place, to, session: (signal) => this.#open(signal) }, download);
  }

  async upload(from: string, path: string, upload: Upload): Promise<RemoteFile> {
    this.#assertAbsolute(path);
    await retryTransient(
      async () =>
        await uploadOverSftp({ session: await this.#open(upload.signal), from, path, place: this.place(path) }, upload),
      upload,
    );
    const found = await this.find(path, upload);
    if (found !== undefined) return found;
    throw removedMeanwhile(this.place(path));
  }

  async clearUnfinished(path: string, owner: string, access: FileAccess): Promise<void> {
    await this.remove(temporaryPath(path, owner), access);
  }

  async remove(path: string, { signal }: FileAccess): Promise<void> {
    try {
      await this.#ask<void>(`removing \`${this.place(path)}\``, signal, (sftp, done) => sftp.unlink(path, done));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    session?.close();
  }

  async #readFolder(path: string, { signal }: FileAccess): Promise<readonly FolderEntry[]> {
    const what = `listing \`${this.place(path)}\``;
    try {
      const entries = await this.#ask<readonly DriverEntry[]>(what, signal, (sftp, done) => sftp.readdir(path, done));
      const found = await Promise.all(entries.map((entry) => this.#toEntry(path, entry, signal)));
      return found.filter((entry) => entry !== undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  }

  /** A link is what it leads to; one that leads nowhere is nothing. */
  async #toEntry(
    folder: string,
    { filename: name, attrs }: DriverEntry,
    signal: AbortSignal | undefined,
  ): Promise<FolderEntry | undefined> {
    if (name.includes("\uFFFD")) throw unreadableName(this.place(posix.join(folder, name)));
    const stats = attrs.isSymbolicLink() ? await this.#stat(posix.join(folder, name), signal) : attrs;
    if (stats === undefined || !(stats.isFile() || stats.isDirectory())) return undefined;
    return { name, isFolder: stats.isDirectory(), size: stats.size, modifiedAtMs: stats.mtime * 1_000 };
  }

  async #stat(path: string, signal: AbortSignal | undefined): Promise<Stats | undefined> {
    try {
      const what = `looking at \`${this.place(path)}\``;
      return await this.#ask<Stats>(what, signal, (sftp, done) => sftp.stat(path, done));
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  async #ask<T>(
    what: string,
    signal: AbortSignal | undefined,
    start: (sftp: SftpChannel, done: Done<T>) => void,
  ): Promise<T> {
    const access = signal === undefined ? {} : { signal };
    return await retryTransient(async () => await (await this.#open(signal)).ask(what, signal, start), access);
  }

  async #open(signal: AbortSignal | undefined): Promise<SftpSession> {
    signal?.throwIfAborted();
    const current = this.#session;
    const before = await current?.catch(() => undefined);
    if (before?.isOpen === true) return before;
    const { host, port = 22 } = this.#options;
    // one of all who wait begins it, and no signal of one ends it for the others
    if (this.#session === current) this.#session = openSession(this.#options, `\`${host}:${port}\``);
    return await (this.#session ?? this.#open(signal));
  }

  #assertAbsolute(path: string): void {
    if (path.startsWith("/")) return;
    throw new MillraceError(
      "VALUE_INVALID",
      `expected an absolute path on connection \`${this.name}\`, got: \`${path}\``,
      {
        hint: "where a relative one begins depends on the account; begin it with `/`",
      },
    );
  }
}

interface DriverEntry {
  readonly filename: string;
  readonly attrs: Stats;
}

function toFile(path: string, { size, mtime }: Stats): RemoteFile {
  const modifiedAtMs = mtime * 1_000;
  return { path, size, modifiedAtMs, version: sizeAndTime({ size, modifiedAtMs }) };
}

function isGone(error: unknown): boolean {
  return error instanceof MillraceError && error.code === "SOURCE_MISSING" && isMissing(error.cause);
}

function unreadableName(place: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `the name of a file is no UTF-8: \`${place}\``, {
    hint: "rename it on the server; by the name that arrives here it cannot be read",
  });
}
