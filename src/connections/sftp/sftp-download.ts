// The bytes of a file by many small reads that are under way at once: one after the other, each would wait for the line.
import type { Stats } from "ssh2";
import { changedFile, downloadParts, type FilePart } from "../files/download-parts.ts";
import type { Download, DownloadedFile, RemoteFile } from "../files/file-service.ts";
import { sizeAndTime } from "../files/walk-folders.ts";
import type { SftpSession } from "./sftp-session.ts";

export interface SftpDownload {
  readonly file: RemoteFile;
  readonly place: string;
  readonly to: string;
  readonly session: (signal: AbortSignal | undefined) => Promise<SftpSession>;
}

/** What servers give at once; the draft of the protocol asks for no more. */
const readBytes = 32 * 1024;
const parallel = 64;

/** @throws MillraceError as `FileService.download` */
export async function downloadOverSftp(
  { file, place, to, session }: SftpDownload,
  download: Download,
): Promise<DownloadedFile> {
  const { size } = file;
  const handles = new SessionHandle(file, place, session);
  const read = async function* ({ from, to: end }: FilePart, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { open, handle } = await handles.get(signal);
    const buffer = Buffer.allocUnsafe(end - from);
    const count = await open.ask<number>(`reading \`${place}\``, signal, (sftp, done) => {
      sftp.read(handle, buffer, 0, buffer.length, from, (error, bytes) =>
        isEnd(error) ? done(undefined, 0) : done(error, bytes),
      );
    });
    if (count === 0) throw changedFile(place, `it ends at byte ${from}, and had ${size}`);
    yield buffer.subarray(0, count);
  };
  try {
    await downloadParts(place, to, { size, partBytes: readBytes, parallel, read }, download);
    // a file that grew or was replaced meanwhile is not the one that was found
    await handles.assertUnchanged(download.signal);
  } finally {
    await handles.close();
  }
  return {};
}

interface OpenHandle {
  readonly open: SftpSession;
  readonly handle: Buffer;
}

/** The handle of a file, opened again where the session is another one. */
class SessionHandle {
  readonly #file: RemoteFile;
  readonly #place: string;
  readonly #session: SftpDownload["session"];
  #opened: Promise<OpenHandle> | undefined;

  constructor(file: RemoteFile, place: string, session: SftpDownload["session"]) {
    this.#file = file;
    this.#place = place;
    this.#session = session;
  }

  async get(signal: AbortSignal | undefined): Promise<OpenHandle> {
    const opened = this.#opened;
    const found = await opened?.catch(() => undefined);
    if (found?.open.isOpen === true) return found;
    // one of all readers opens it again
    if (this.#opened === opened) this.#opened = this.#open(signal);
    return await (this.#opened ?? this.#open(signal));
  }

  async assertUnchanged(signal: AbortSignal | undefined): Promise<void> {
    const { open } = await this.get(signal);
    const { path } = this.#file;
    const stats = await open.ask<Stats>(`looking at \`${this.#place}\``, signal, (sftp, done) => sftp.stat(path, done));
    this.#compare(stats);
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    if (opened?.open.isOpen !== true) return;
    await opened.open
      .ask<void>(`closing \`${this.#place}\``, undefined, (sftp, done) => sftp.close(opened.handle, done))
      .catch(() => undefined);
  }

  async #open(signal: AbortSignal | undefined): Promise<OpenHandle> {
    const open = await this.#session(signal);
    const what = `reading \`${this.#place}\``;
    const handle = await open.ask<Buffer>(what, signal, (sftp, done) => sftp.open(this.#file.path, "r", done));
    this.#compare(await open.ask<Stats>(what, signal, (sftp, done) => sftp.fstat(handle, done)));
    return { open, handle };
  }

  #compare({ size, mtime }: Stats): void {
    if (sizeAndTime({ size, modifiedAtMs: mtime * 1_000 }) === this.#file.version) return;
    throw changedFile(this.#place, `it had ${this.#file.size} bytes and has ${size}`);
  }
}

function isEnd(error: Error | null | undefined): boolean {
  return error instanceof Error && "code" in error && error.code === 1;
}
