// Files of HDFS through the REST interface of its name node, which leads to data nodes for the bytes.
import type { WebHdfsConnectionOptions } from "../../core/connection/file-connection-options.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import { changedFile, downloadParts, type FilePart } from "../files/download-parts.ts";
import type { Download, DownloadedFile, FileAccess, FileService, RemoteFile, Upload } from "../files/file-service.ts";
import type { PathPattern } from "../files/path-pattern.ts";
import { temporaryPath } from "../files/temporary-path.ts";
import { type FolderEntry, sizeAndTime, walkFolders } from "../files/walk-folders.ts";
import type { ConnectionServices } from "../http-connection.ts";
import { WebHdfsClient } from "./webhdfs-client.ts";
import { type HdfsStatus, manyStatuses, parseAnswer } from "./webhdfs-status.ts";
import { findStatus, hasSameBytes, uploadToHdfs } from "./webhdfs-upload.ts";

const partBytes = 16 * 1024 ** 2;
const parallel = 4;

/** @see https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html */
export class WebHdfsService implements FileService {
  readonly name: string;
  readonly kind = "webhdfs";
  readonly #host: string;
  readonly #client: WebHdfsClient;

  constructor(name: string, options: Resolved<WebHdfsConnectionOptions>, services: ConnectionServices) {
    this.name = name;
    this.#host = new URL(options.url).host;
    this.#client = new WebHdfsClient(name, options, services);
  }

  place(path: string): string {
    return `hdfs://${this.#host}${path}`;
  }

  list(pattern: PathPattern, access: FileAccess): AsyncIterable<RemoteFile> {
    return walkFolders((path) => this.#readFolder(path, access), pattern, access);
  }

  async find(path: string, access: FileAccess): Promise<RemoteFile | undefined> {
    const found = await findStatus(this.#client, path, access);
    return found?.type === "FILE" ? toFile(path, found) : undefined;
  }

  async download(file: RemoteFile, to: string, download: Download): Promise<DownloadedFile> {
    const { path, size, version } = file;
    const place = this.place(path);
    const read = (part: FilePart, signal: AbortSignal): AsyncIterable<Uint8Array> => this.#read(path, part, signal);
    await downloadParts(place, to, { size, partBytes, parallel, read }, download);
    const status = await findStatus(this.#client, path, download);
    if (status === undefined) throw changedFile(place, "it is gone");
    const now = toFile(path, status);
    if (now.version !== version) throw changedFile(place, `it had ${size} bytes and has ${now.size}`);
    const isSame = await hasSameBytes(this.#client, to, { path, status }, download);
    if (isSame === false) throw changedFile(place, "its bytes are not those of its checksum");
    return {};
  }

  async upload(from: string, path: string, upload: Upload): Promise<RemoteFile> {
    const place = this.place(path);
    return toFile(path, await uploadToHdfs({ client: this.#client, from, path, place }, upload));
  }

  async clearUnfinished(path: string, owner: string, access: FileAccess): Promise<void> {
    await this.remove(temporaryPath(path, owner), access);
  }

  async remove(path: string, access: FileAccess): Promise<void> {
    await this.#client.ask({ path, op: "DELETE", method: "DELETE" }, access);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  async *#read(path: string, { from, to }: FilePart, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const query = { offset: String(from), length: String(to - from) };
    const response = await this.#client.open({ path, op: "OPEN", query, maxBytes: to - from }, { signal });
    try {
      yield* response.body as AsyncIterable<Uint8Array>;
    } finally {
      response.body.destroy();
    }
  }

  async #readFolder(path: string, access: FileAccess): Promise<readonly FolderEntry[]> {
    const found = await this.#client.ask({ path, op: "LISTSTATUS" }, access);
    if (found === undefined) return [];
    const statuses = parseAnswer(manyStatuses, found, path).FileStatuses.FileStatus;
    // the listing of a file is the file, without a name
    return statuses
      .filter(({ pathSuffix }) => pathSuffix !== "")
      .map(({ pathSuffix, type, length, modificationTime }) => ({
        name: pathSuffix,
        isFolder: type === "DIRECTORY",
        size: length,
        modifiedAtMs: modificationTime,
      }));
  }
}

function toFile(path: string, { length: size, modificationTime: modifiedAtMs }: HdfsStatus): RemoteFile {
  return { path, size, modifiedAtMs, version: sizeAndTime({ size, modifiedAtMs }) };
}
