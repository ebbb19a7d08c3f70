// The bytes of an object, in ranges that are read at once, compared with what the service says that they are.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { MillraceError } from "../../core/errors/errors.ts";
import { changedFile, downloadParts, type FilePart } from "../files/download-parts.ts";
import type { Download, DownloadedFile, RemoteFile } from "../files/file-service.ts";
import type { ConnectionResponse } from "../http-connection.ts";
import type { S3Client } from "./s3-client.ts";

const partBytes = 16 * 1024 ** 2;
const parallel = 4;

/** @param place of the object for messages @throws MillraceError as `FileService.download` */
export async function downloadObject(
  client: S3Client,
  file: RemoteFile,
  place: string,
  to: string,
  download: Download,
): Promise<DownloadedFile> {
  let headers: ConnectionResponse["headers"] = {};
  const read = async function* (part: FilePart, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const response = await openRange(client, file, place, part, signal);
    headers = response.headers;
    try {
      yield* response.body as AsyncIterable<Uint8Array>;
    } finally {
      response.body.destroy();
    }
  };
  await downloadParts(place, to, { size: file.size, partBytes, parallel, read }, download);
  // an empty object has no range, and may be gone or another one all the same
  if (file.size === 0)
    for await (const _ of read({ from: 0, to: 0 }, download.signal ?? never))
      throw changedFile(place, "it has bytes now");
  await assertDigest(file, place, to, headers);
  const packing = packingOf(headers["content-encoding"]);
  return packing === undefined ? {} : { packing };
}

const never = new AbortController().signal;

async function openRange(
  client: S3Client,
  { path: key, size, version }: RemoteFile,
  place: string,
  { from, to }: FilePart,
  signal: AbortSignal,
): Promise<ConnectionResponse> {
  const isWhole = from === 0 && to === size;
  const headers = { "if-match": `"${version}"`, ...(isWhole ? {} : { range: `bytes=${from}-${to - 1}` }) };
  const limits = { maxBytes: Math.max(1, to - from) };
  const response = await client.open({ method: "GET", key, headers, limits, accept: [404, 412, 416] }, { signal });
  if (response.status === (isWhole ? 200 : 206)) return response;
  response.body.destroy();
  if (response.status === 404) throw changedFile(place, "it is gone");
  if (response.status > 206) throw changedFile(place, "it is another one now");
  throw new MillraceError("SOURCE_UNREADABLE", `\`${place}\`: the service does not give parts of objects`);
}

/** An ETag is the MD5 of the bytes unless the object came in parts or is encrypted with a key of its own. */
async function assertDigest(
  { version }: RemoteFile,
  place: string,
  to: string,
  headers: ConnectionResponse["headers"],
): Promise<void> {
  if (!isDigest(version, headers)) return;
  const hash = createHash("md5");
  await pipeline(createReadStream(to), hash);
  if (hash.digest("hex") === version) return;
  throw new MillraceError("SOURCE_UNREADABLE", `the bytes of \`${place}\` are not those that its ETag tells`, {
    disposition: "retry",
    hint: "if it happens again, the object is damaged where it is stored; deliver it again",
  });
}

/** Whether an ETag tells the MD5 of an object. */
export function isDigest(version: string, headers: ConnectionResponse["headers"]): boolean {
  const isOtherwiseMade =
    (headers["x-amz-server-side-encryption"]?.startsWith("aws:kms") ?? false) ||
    headers["x-amz-server-side-encryption-customer-algorithm"] !== undefined;
  return /^[0-9a-f]{32}$/.test(version) && !isOtherwiseMade;
}

function packingOf(encoding: string | undefined): DownloadedFile["packing"] {
  const names = (encoding ?? "").split(",").map((name) => name.trim().toLowerCase());
  const [first, ...others] = names.filter((name) => name !== "" && name !== "identity" && name !== "aws-chunked");
  if (others.length > 0) return undefined;
  if (first === "gzip" || first === "x-gzip") return "gzip";
  return first === "zstd" ? "zstd" : undefined;
}
