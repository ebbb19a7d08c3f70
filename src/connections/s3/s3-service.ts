// One bucket as a place of files: requests of HTTP, signed, through the gate of the connection.
import type { S3ConnectionOptions } from "../../core/connection/file-connection-options.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Download, DownloadedFile, FileAccess, RemoteFile, Upload, FileService } from "../files/file-service.ts";
import type { PathPattern } from "../files/path-pattern.ts";
import { type ConnectionServices, HttpConnection } from "../http-connection.ts";
import { removedMeanwhile } from "../files/upload-errors.ts";
import { bucketAddress, keyAddress } from "./s3-address.ts";
import { S3Client } from "./s3-client.ts";
import { downloadObject } from "./s3-download.ts";
import { type KeyListing, listKeys, toVersion } from "./s3-listing.ts";
import { putOnce, refusesSecondWriter } from "./s3-put-once.ts";
import { type S3Keys, signAddress, signS3 } from "./s3-signature.ts";
import { abortUploads, uploadObject } from "./s3-upload.ts";

/** A small object. */
export interface ObjectText {
  readonly text: string;
  readonly version: string;
}

/** A bucket. Nothing is asked before the first call. */
export class S3Service implements FileService {
  readonly name: string;
  readonly kind = "s3";
  /** What requests are signed with, for others that read the bucket on our behalf; absent where requests carry no signature. */
  readonly keys: S3Keys | undefined;
  readonly #bucket: string;
  readonly #region: string;
  readonly #address: string;
  readonly #now: () => number;
  readonly #connection: HttpConnection;
  readonly #client: S3Client;
  #isExclusive: Promise<boolean> | undefined;

  constructor(name: string, options: Resolved<S3ConnectionOptions>, services: ConnectionServices) {
    const { bucket, endpoint, region = "us-east-1", anonymous = false } = options;
    const { limits, tls, proxy, timeouts } = options;
    const address = bucketAddress(endpoint, region, bucket);
    this.name = name;
    this.keys = anonymous ? undefined : keysOf(name, options);
    this.#bucket = bucket;
    this.#region = region;
    this.#address = address;
    this.#now = () => services.clock.now();
    this.#connection = new HttpConnection(
      name,
      {
        baseUrl: address,
        ...(this.keys === undefined ? {} : { auth: { sign: signS3(this.keys, region) } }),
        ...(limits === undefined ? {} : { limits }),
        ...(tls === undefined ? {} : { tls }),
        ...(proxy === undefined ? {} : { proxy }),
        ...(timeouts === undefined ? {} : { timeouts }),
      },
      services,
    );
    this.#client = new S3Client({ connection: this.#connection, bucket: address, clock: services.clock });
  }

  place(path: string): string {
    return `s3://${this.#bucket}/${path}`;
  }

  async *list(pattern: PathPattern, access: FileAccess): AsyncGenerator<RemoteFile> {
    for await (const file of listKeys(this.#client, pattern.prefix, access)) {
      if (pattern.matches(file.path)) yield file;
    }
  }

  /** Keys that begin with a prefix, in the order of the service; with `delimiter` only those right in that folder. */
  listPrefix(prefix: string, listing: KeyListing): AsyncIterable<RemoteFile> {
    return listKeys(this.#client, prefix, listing);
  }

  /** The text of a small object, and what the service calls it; `undefined` when there is none. @param known is given back when it is still that */
  async read(path: string, known: ObjectText | undefined, access: FileAccess): Promise<ObjectText | undefined> {
    const headers = known === undefined ? {} : { "if-none-match": `"${known.version}"` };
    const answer = await this.#client.ask({ method: "GET", key: path, headers, accept: [304, 404] }, access);
    if (answer.status === 404) return undefined;
    if (answer.status === 304) return known;
    return { text: answer.text, version: toVersion(answer.headers["etag"] ?? "") };
  }

  /** The bytes of an object as they come; `undefined` when there is none. A loop that is left early ends the exchange. */
  async open(path: string, access: FileAccess): Promise<AsyncIterable<Uint8Array> | undefined> {
    const response = await this.#client.open({ method: "GET", key: path, limits: unbounded, accept: [404] }, access);
    if (response.status !== 404) return response.body;
    response.body.destroy();
    return undefined;
  }

  /** An address by which others may read or write one object for a while; it is a secret until then. @param seconds at most a week */
  async sign(method: "GET" | "PUT", path: string, seconds: number): Promise<string> {
    const url = keyAddress(this.#address, path);
    if (this.keys === undefined) return url;
    return await signAddress(this.keys, { method, url, region: this.#region, seconds, nowMs: this.#now() });
  }

  /** Makes a text the object, unless there is one. @returns whether this text is the object now @throws as `putOnce` */
  async putOnce(path: string, body: string, upload: Pick<Upload, "onReady" | "signal">): Promise<boolean> {
    return await putOnce(this.#client, { key: path, place: this.place(path) }, Buffer.from(body), upload);
  }

  /** Whether the service refuses the second of two writers; it is asked once, with an object below `folder`. */
  async refusesSecondWriter(folder: string, access: FileAccess): Promise<boolean> {
    this.#isExclusive ??= refusesSecondWriter(this.#client, folder, access);
    try {
      return await this.#isExclusive;
    } catch (error) {
      this.#isExclusive = undefined; // it did not answer, which may pass
      throw error;
    }
  }

  async find(path: string, access: FileAccess): Promise<RemoteFile | undefined> {
    const { status, headers } = await this.#client.ask({ method: "HEAD", key: path, accept: [404] }, access);
    if (status === 404) return undefined;
    const modifiedAtMs = Date.parse(headers["last-modified"] ?? "");
    return {
      path,
      size: Number(headers["content-length"]),
      modifiedAtMs: Number.isNaN(modifiedAtMs) ? 0 : modifiedAtMs,
      version: toVersion(headers["etag"] ?? ""),
    };
  }

  async download(file: RemoteFile, to: string, download: Download): Promise<DownloadedFile> {
    return await downloadObject(this.#client, file, this.place(file.path), to, download);
  }

  async upload(from: string, path: string, upload: Upload): Promise<RemoteFile> {
    await uploadObject(this.#client, from, { key: path, place: this.place(path) }, upload);
    const found = await this.find(path, upload);
    if (found !== undefined) return found;
    throw removedMeanwhile(this.place(path));
  }

  async clearUnfinished(path: string, _owner: string, access: FileAccess): Promise<void> {
    await abortUploads(this.#client, path, access);
  }

  async remove(path: string, access: FileAccess): Promise<void> {
    await this.#client.ask({ method: "DELETE", key: path, accept: [404] }, access);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

/** Who reads an object as it comes keeps none of it. */
const unbounded = { maxBytes: Number.MAX_SAFE_INTEGER };

function keysOf(name: string, { accessKeyId, secretAccessKey, sessionToken }: Resolved<S3ConnectionOptions>): S3Keys {
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new MillraceError("SECRET_MISSING", `connection \`${name}\` has no keys`, {
      hint: "declare `accessKeyId` and `secretAccessKey`, or `anonymous: true`",
    });
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
