// Files of HDFS through the REST interface of its name node, which leads to data nodes for the bytes.
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import type { WebHdfsConnectionOptions } from "../../core/connection/file-connection-options.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { changedFile, downloadParts, type FilePart } from "../files/download-parts.ts";
import type { Download, DownloadedFile, FileAccess, FileService, RemoteFile } from "../files/file-service.ts";
import type { PathPattern } from "../files/path-pattern.ts";
import { retryTransient } from "../files/retry-transient.ts";
import { type FolderEntry, sizeAndTime, walkFolders } from "../files/walk-folders.ts";
import { type ConnectionResponse, type ConnectionServices, HttpConnection } from "../http-connection.ts";
import { readJson } from "../http/read-json.ts";
import { toWebHdfsError } from "./webhdfs-error.ts";

const partBytes = 16 * 1024 ** 2;
const parallel = 4;

/** @see https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html */
export class WebHdfsService implements FileService {
  readonly name: string;
  readonly kind = "webhdfs";
  readonly #connection: HttpConnection;
  readonly #host: string;
  /** Parameters that say who asks. */
  readonly #identity: Readonly<Record<string, string>>;
  readonly #clock: Pick<Clock, "now">;

  constructor(name: string, options: Resolved<WebHdfsConnectionOptions>, services: ConnectionServices) {
    const { url, user, delegationToken, dataNodes, limits, tls, proxy, timeouts } = options;
    this.name = name;
    this.#host = new URL(url).host;
    this.#clock = services.clock;
    this.#identity = {
      ...(user === undefined ? {} : { "user.name": user }),
      ...(delegationToken === undefined ? {} : { delegation: delegationToken }),
    };
    this.#connection = new HttpConnection(
      name,
      {
        baseUrl: url,
        secretParameters: ["delegation"],
        ...(dataNodes === undefined ? {} : { otherOrigins: dataNodes }),
        ...(limits === undefined ? {} : { limits }),
        ...(tls === undefined ? {} : { tls }),
        ...(proxy === undefined ? {} : { proxy }),
        ...(timeouts === undefined ? {} : { timeouts }),
      },
      services,
    );
  }

  place(path: string): string {
    return `hdfs://${this.#host}${path}`;
  }

  list(pattern: PathPattern, access: FileAccess): AsyncIterable<RemoteFile> {
    return walkFolders((path) => this.#readFolder(path, access), pattern, access);
  }

  async find(path: string, access: FileAccess): Promise<RemoteFile | undefined> {
    const found = await this.#ask(path, "GETFILESTATUS", access);
    if (found === undefined) return undefined;
    const { type, length: size, modificationTime: modifiedAtMs } = parse(oneStatus, found, path).FileStatus;
    return type === "FILE" ? { path, size, modifiedAtMs, version: sizeAndTime({ size, modifiedAtMs }) } : undefined;
  }

  async download(file: RemoteFile, to: string, download: Download): Promise<DownloadedFile> {
    const { path, size, version } = file;
    const place = this.place(path);
    const read = (part: FilePart, signal: AbortSignal): AsyncIterable<Uint8Array> => this.#read(path, part, signal);
    await downloadParts(place, to, { size, partBytes, parallel, read }, download);
    const now = await this.find(path, download);
    if (now === undefined) throw changedFile(place, "it is gone");
    if (now.version !== version) throw changedFile(place, `it had ${size} bytes and has ${now.size}`);
    return {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async *#read(path: string, { from, to }: FilePart, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const query = { offset: String(from), length: String(to - from) };
    const response = await this.#send(path, "OPEN", { query, maxBytes: to - from }, { signal });
    try {
      yield* response.body as AsyncIterable<Uint8Array>;
    } finally {
      response.body.destroy();
    }
  }

  async #readFolder(path: string, access: FileAccess): Promise<readonly FolderEntry[]> {
    const found = await this.#ask(path, "LISTSTATUS", access);
    if (found === undefined) return [];
    const statuses = parse(manyStatuses, found, path).FileStatuses.FileStatus;
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

  /** JSON, or `undefined` where there is nothing at the path. */
  async #ask(path: string, op: string, access: FileAccess): Promise<unknown> {
    return await retryTransient(async () => {
      try {
        return await readJson(await this.#send(path, op, {}, access));
      } catch (error) {
        if (error instanceof MillraceError && error.code === "SOURCE_MISSING") return undefined;
        throw error;
      }
    }, access);
  }

  async #send(
    path: string,
    op: string,
    { query = {}, maxBytes }: { readonly query?: Readonly<Record<string, string>>; readonly maxBytes?: number },
    { signal }: FileAccess,
  ): Promise<ConnectionResponse> {
    const response = await this.#connection.send(
      {
        method: "GET",
        url: `/webhdfs/v1${encodePath(path, this.name)}`,
        query: { op, ...query, ...this.#identity },
        isStored: true,
        ...(maxBytes === undefined ? {} : { limits: { maxBytes } }),
      },
      signal === undefined ? {} : { signal },
    );
    if (response.status < 400) return response;
    throw await toWebHdfsError("GET", response, this.#clock.now());
  }
}

const status = z.object({
  pathSuffix: z.string(),
  type: z.enum(["FILE", "DIRECTORY", "SYMLINK"]),
  length: z.int().nonnegative(),
  modificationTime: z.number(),
});
const oneStatus = z.object({ FileStatus: status });
const manyStatuses = z.object({ FileStatuses: z.object({ FileStatus: z.array(status) }) });

function parse<T>(schema: z.ZodType<T>, answer: unknown, path: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new MillraceError("FORMAT_INVALID", `the answer about \`${path}\` is not that of WebHDFS`, {
    hint: "compare `url` of the connection with the address of the name node",
  });
}

function encodePath(path: string, connection: string): string {
  const segments = path.split("/");
  if (path.startsWith("/") && !segments.includes(".") && !segments.includes("..")) {
    return segments.map((segment) => encodeURIComponent(segment.toWellFormed())).join("/");
  }
  throw new MillraceError(
    "VALUE_INVALID",
    `expected an absolute path on connection \`${connection}\`, got: \`${path}\``,
    {
      hint: "begin it with `/`, and leave `.` and `..` out",
    },
  );
}
