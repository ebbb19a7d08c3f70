// A bucket in memory with the behaviour that clients have to live with: pages, conditions, ranges, parts, signatures that are
// checked, and whatever trouble a test makes.
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isSignedWith, type SignedRequest } from "./s3-signature.ts";

export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly modifiedAtMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface S3Received extends SignedRequest {
  readonly key: string;
  readonly query: URLSearchParams;
}

/** What a test does instead of an answer; `undefined` leaves it to the server. */
export type Trouble = (request: S3Received, index: number) => TroubleAnswer | undefined;

export interface TroubleAnswer {
  /** Without one the server answers rightly, but with the headers below. */
  readonly status?: number;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Does what was asked, and answers with `status` all the same. */
  readonly isDone?: true;
  /** Answers rightly, and ends the connection after that many bytes of the body. */
  readonly cutAfter?: number;
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

export const s3Keys = { accessKeyId: "AKIAMILLRACE", secretAccessKey: "canary-s3-secret-key" } as const;

/** Listens on a port of its own until it is disposed of. */
export class S3Server implements AsyncDisposable {
  readonly objects = new Map<string, StoredObject>();
  readonly requests: S3Received[] = [];
  readonly uploads = new Map<string, { readonly key: string; readonly parts: Map<number, Buffer> }>();
  /** Keys of a page of the listing. */
  pageSize = 1_000;
  trouble: Trouble = () => undefined;
  /** Whether whoever writes last wins, as with services that know no conditional writes. */
  ignoresConditions = false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((message, response) => void this.#answer(message, response));
  }

  static async start(): Promise<S3Server> {
    const server = new S3Server();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a connection to it says. */
  get connection(): { readonly s3: { readonly endpoint: string; readonly bucket: string } & typeof s3Keys } {
    return { s3: { endpoint: this.endpoint, bucket: "lake", ...s3Keys } };
  }

  put(key: string, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): void {
    const bytes = Buffer.from(body);
    const etag = headers["etag"] ?? md5(bytes);
    this.objects.set(key, { body: bytes, etag, modifiedAtMs: Date.UTC(2026, 0, 1), headers });
  }

  text(key: string): string | undefined {
    return this.objects.get(key)?.body.toString();
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of message as AsyncIterable<Buffer>) parts.push(part);
    const path = message.url ?? "";
    const url = new URL(path, "http://x");
    const key = decodeURIComponent(url.pathname.slice("/lake/".length));
    const body = Buffer.concat(parts);
    const request = {
      method: message.method ?? "",
      path,
      headers: message.headers,
      body,
      key,
      query: url.searchParams,
    };
    this.requests.push(request);
    const trouble = this.trouble(request, this.requests.length - 1);
    if (trouble?.isDone === true) this.#reply(request);
    if (trouble?.status !== undefined)
      return send(response, { ...failure(trouble.status, trouble.code ?? "Trouble"), ...optionalHeaders(trouble) });
    const reply = isSignedWith(s3Keys.secretAccessKey, request)
      ? this.#reply(request)
      : failure(403, "SignatureDoesNotMatch");
    const told =
      trouble?.headers === undefined ? reply : { ...reply, headers: { ...reply.headers, ...trouble.headers } };
    if (trouble?.cutAfter === undefined) return send(response, told, request.method === "HEAD");
    response.writeHead(reply.status, {
      "content-length": String(Buffer.from(reply.body ?? "").length),
      ...reply.headers,
    });
    response.write(Buffer.from(reply.body ?? "").subarray(0, trouble.cutAfter), () => response.destroy());
  }

  #reply(request: S3Received): Reply {
    const { method, key, query } = request;
    if (!request.path.startsWith("/lake")) return failure(404, "NoSuchBucket");
    if (key === "" || !request.path.startsWith("/lake/"))
      return query.has("uploads") ? this.#listUploads() : this.#list(query);
    if (query.has("uploads") || query.has("uploadId")) return this.#multipart(request);
    if (method === "PUT") return this.#put(request);
    if (method === "DELETE") {
      this.objects.delete(key);
      return { status: 204 };
    }
    return this.#get(request);
  }

  #list(query: URLSearchParams): Reply {
    const prefix = query.get("prefix") ?? "";
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
    const from = Number(query.get("continuation-token") ?? "0");
    const page = keys.slice(from, from + this.pageSize);
    const next = from + this.pageSize < keys.length ? String(from + this.pageSize) : undefined;
    const contents = page.map((key) => {
      const { body, etag, modifiedAtMs } = this.objects.get(key)!;
      return `<Contents><Key>${escape(key)}</Key><LastModified>${new Date(modifiedAtMs).toISOString()}</LastModified>
        <ETag>&quot;${etag}&quot;</ETag><Size>${body.length}</Size></Contents>`;
    });
    const more = next === undefined ? "" : `<NextContinuationToken>${next}</NextContinuationToken>`;
    const truncated = `<IsTruncated>${next !== undefined}</IsTruncated>`;
    return xml(`<ListBucketResult><Name>lake</Name>${truncated}${more}${contents.join("")}</ListBucketResult>`);
  }

  #get({ key, headers }: S3Received): Reply {
    const found = this.objects.get(key);
    if (found === undefined) return failure(404, "NoSuchKey");
    const { body, etag, modifiedAtMs } = found;
    if (headers["if-none-match"] === `"${etag}"`) return { status: 304 };
    const wanted = headers["if-match"];
    if (wanted !== undefined && wanted !== `"${etag}"`) return failure(412, "PreconditionFailed");
    const told = { etag: `"${etag}"`, "last-modified": new Date(modifiedAtMs).toUTCString(), ...found.headers };
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "");
    if (range === null) return { status: 200, headers: { ...told, etag: `"${etag}"` }, body };
    const [from, to] = [Number(range[1]), Number(range[2])];
    if (from >= body.length) return failure(416, "InvalidRange");
    return { status: 206, headers: { ...told, etag: `"${etag}"` }, body: body.subarray(from, to + 1) };
  }

  #put({ key, headers, body }: S3Received): Reply {
    if (isOtherDigest(headers["content-md5"], body)) return failure(400, "BadDigest");
    if (this.#isTaken(key, headers)) return failure(412, "PreconditionFailed");
    this.put(key, body);
    return { status: 200, headers: { etag: `"${md5(body)}"` } };
  }

  #multipart({ method, key, query, headers, body }: S3Received): Reply {
    const id = query.get("uploadId") ?? "";
    if (method === "POST" && query.has("uploads")) {
      const made = randomUUID();
      this.uploads.set(made, { key, parts: new Map() });
      return xml(`<InitiateMultipartUploadResult><UploadId>${made}</UploadId></InitiateMultipartUploadResult>`);
    }
    const upload = this.uploads.get(id);
    if (upload === undefined) return failure(404, "NoSuchUpload");
    if (method === "PUT") {
      if (isOtherDigest(headers["content-md5"], body)) return failure(400, "BadDigest");
      upload.parts.set(Number(query.get("partNumber")), body);
      return { status: 200, headers: { etag: `"${md5(body)}"` } };
    }
    if (method === "POST" && this.#isTaken(key, headers)) return failure(412, "PreconditionFailed");
    this.uploads.delete(id);
    if (method === "DELETE") return { status: 204 };
    const parts = [...upload.parts].toSorted(([a], [b]) => a - b).map(([, part]) => part);
    const digests = Buffer.concat(parts.map((part) => createHash("md5").update(part).digest()));
    const etag = `${md5(digests)}-${parts.length}`;
    this.put(key, Buffer.concat(parts), { etag });
    return xml(`<CompleteMultipartUploadResult><ETag>&quot;${etag}&quot;</ETag></CompleteMultipartUploadResult>`);
  }

  #isTaken(key: string, headers: S3Received["headers"]): boolean {
    return !this.ignoresConditions && headers["if-none-match"] === "*" && this.objects.has(key);
  }

  #listUploads(): Reply {
    const uploads = [...this.uploads].map(
      ([id, { key }]) => `<Upload><Key>${escape(key)}</Key><UploadId>${id}</UploadId></Upload>`,
    );
    return xml(`<ListMultipartUploadsResult>${uploads.join("")}</ListMultipartUploadsResult>`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function send(response: ServerResponse, { status, headers, body = "" }: Reply, isHead = false): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { "content-length": String(bytes.length), ...headers });
  response.end(isHead ? "" : bytes);
}

function optionalHeaders({ headers }: TroubleAnswer): { readonly headers?: Readonly<Record<string, string>> } {
  return headers === undefined ? {} : { headers };
}

function xml(body: string): Reply {
  return { status: 200, headers: { "content-type": "application/xml" }, body: `<?xml version="1.0"?>\n${body}` };
}

function failure(status: number, code: string): Reply {
  return { ...xml(`<Error><Code>${code}</Code><Message>no</Message></Error>`), status };
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("\r", "&#13;").replaceAll("\u0001", "&#1;");
}

function isOtherDigest(given: unknown, body: Buffer): boolean {
  return given !== undefined && given !== createHash("md5").update(body).digest("base64");
}

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
