// A local file as an object. A small one goes in one request, a larger one in parts of which nothing stays when one fails; either
// way readers see the old object or the new one.
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { MillraceError } from "../../core/errors/errors.ts";
import type { FileAccess, Upload } from "../files/file-service.ts";
import { alreadyThere, otherBytes } from "../files/upload-errors.ts";
import type { S3Client } from "./s3-client.ts";
import { toVersion } from "./s3-listing.ts";
import { assertStored, changedHint, type ObjectPlace, onlyAbsent, putOnce } from "./s3-put-once.ts";
import { parseXml, textOf } from "./s3-xml.ts";

/** What is larger goes in parts; also the least length of a part. */
const onePutBytes = 16 * 1024 ** 2;
const maxParts = 10_000;
const parallel = 3;

/** @param place of the object for messages @throws MillraceError as `FileService.upload` */
export async function uploadObject(client: S3Client, from: string, object: ObjectPlace, upload: Upload): Promise<void> {
  const file = await open(from, "r");
  try {
    const { size } = await file.stat();
    if (size <= onePutBytes) await putWhole(client, object, await readBytes(file, 0, size), upload);
    else await putParts(client, object.key, object.place, { file, size }, upload);
  } finally {
    await file.close();
  }
}

async function putWhole(client: S3Client, object: ObjectPlace, body: Buffer, upload: Upload): Promise<void> {
  const { over, onReady, signal } = upload;
  if (over === "absent") {
    if (!(await putOnce(client, object, body, upload))) throw alreadyThere(object.place);
    return;
  }
  await onReady?.();
  const md5 = createHash("md5").update(body).digest();
  const headers = { "content-md5": md5.toString("base64") };
  const access = signal === undefined ? {} : { signal };
  const answer = await client.ask({ method: "PUT", key: object.key, headers, body }, access);
  assertStored(object.place, answer, md5.toString("hex"));
}

/** Ends uploads in parts to a key that nobody finished; what they have sent is forgotten. */
export async function abortUploads(client: S3Client, key: string, access: FileAccess): Promise<void> {
  const { text } = await client.ask({ method: "GET", query: { uploads: "", prefix: key } }, access);
  for (const upload of parseXml(text, "unfinished uploads").children) {
    const uploadId = upload.name === "Upload" && textOf(upload, "Key") === key ? textOf(upload, "UploadId") : undefined;
    if (uploadId !== undefined) await client.ask({ method: "DELETE", key, query: { uploadId }, accept: [404] }, access);
  }
}

interface OpenFile {
  readonly file: FileHandle;
  readonly size: number;
}

async function putParts(
  client: S3Client,
  key: string,
  place: string,
  source: OpenFile,
  { over, onReady, signal }: Upload,
): Promise<void> {
  const access = signal === undefined ? {} : { signal };
  const begun = await client.ask({ method: "POST", key, query: { uploads: "" } }, access);
  const uploadId = textOf(parseXml(begun.text, `beginning to write \`${place}\``), "UploadId") ?? "";
  const query = { uploadId };
  try {
    const digests = await sendParts(client, key, place, source, query, access);
    await onReady?.();
    const answer = await client.ask(
      { method: "POST", key, query, headers: condition(over), body: completion(digests), accept: [412] },
      access,
    );
    if (answer.status === 412) throw alreadyThere(place);
    const etag = toVersion(textOf(parseXml(answer.text, `writing \`${place}\``), "ETag") ?? "");
    await assertWhole(client, key, place, { etag, digests, size: source.size }, access);
  } catch (error) {
    // also when the run is stopped, whose signal would end this as well
    await client.ask({ method: "DELETE", key, query, accept: [404] }, {}).catch(() => undefined);
    throw error;
  }
}

async function sendParts(
  client: S3Client,
  key: string,
  place: string,
  { file, size }: OpenFile,
  query: { readonly uploadId: string },
  access: FileAccess,
): Promise<Buffer[]> {
  const partBytes = Math.max(onePutBytes, Math.ceil(size / maxParts));
  const count = Math.ceil(size / partBytes);
  const digests: Buffer[] = [];
  const numbers = Array.from({ length: count }, (_, index) => index).values();
  const work = async (): Promise<void> => {
    for (const index of numbers) {
      const body = await readBytes(file, index * partBytes, Math.min(size, (index + 1) * partBytes));
      const md5 = createHash("md5").update(body).digest();
      const headers = { "content-md5": md5.toString("base64") };
      const partQuery = { ...query, partNumber: String(index + 1) };
      assertStored(
        place,
        await client.ask({ method: "PUT", key, query: partQuery, headers, body }, access),
        md5.toString("hex"),
      );
      digests[index] = md5;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: parallel }, work));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return digests;
}

function completion(digests: readonly Buffer[]): Buffer {
  const parts = digests.map(
    (md5, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>"${md5.toString("hex")}"</ETag></Part>`,
  );
  return Buffer.from(`<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`);
}

/** The ETag of parts is the MD5 of their MD5s; services that make another one still tell the length. */
async function assertWhole(
  client: S3Client,
  key: string,
  place: string,
  { etag, digests, size }: { readonly etag: string; readonly digests: readonly Buffer[]; readonly size: number },
  access: FileAccess,
): Promise<void> {
  const expected = `${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${digests.length}`;
  if (etag === expected) return;
  const { headers } = await client.ask({ method: "HEAD", key }, access);
  if (Number(headers["content-length"]) !== size) throw otherBytes(place, changedHint);
}

function condition(over: Upload["over"]): Readonly<Record<string, string>> {
  return over === "absent" ? onlyAbsent : {};
}

async function readBytes(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(to - from);
  for (let done = 0; done < buffer.length;) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, from + done);
    if (bytesRead === 0) throw new MillraceError("INTERNAL", "a file became shorter while it was sent");
    done += bytesRead;
  }
  return buffer;
}
