// Writes an object that nobody else has written: the service refuses the second of two writers. Whether a write whose answer was lost
// was made is never guessed; the object that is there tells.
import { createHash, randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { MillraceError } from "../../core/errors/errors.ts";
import type { FileAccess, Upload } from "../files/file-service.ts";
import { maxTries, restAfter } from "../files/retry-transient.ts";
import { otherBytes } from "../files/upload-errors.ts";
import type { S3Answer, S3Client } from "./s3-client.ts";
import { isDigest } from "./s3-download.ts";
import { toVersion } from "./s3-listing.ts";

/** An object, and what messages call it. */
export interface ObjectPlace {
  readonly key: string;
  readonly place: string;
}

export const onlyAbsent: Readonly<Record<string, string>> = { "if-none-match": "*" };

/**
 * Makes bytes the object, unless there is one.
 * @returns whether these bytes are the object now
 * @throws MillraceError when neither is known, and as `S3Client.ask`; `TARGET_CONFLICT` when other writers are there all the time
 */
export async function putOnce(
  client: S3Client,
  object: ObjectPlace,
  body: Buffer,
  { onReady, signal }: Pick<Upload, "onReady" | "signal">,
): Promise<boolean> {
  const access = signal === undefined ? {} : { signal };
  const digest = createHash("md5").update(body).digest();
  await onReady?.();
  for (let tries = 1; ; tries += 1) {
    const answer = await tryOnce(client, object, body, digest, access);
    if (typeof answer === "boolean") return answer;
    if (tries >= maxTries) throw crowded(object.place);
    await restAfter(tries, signal);
  }
}

/** @returns whether the bytes are the object; `undefined` while another writer is in the middle of it */
async function tryOnce(
  client: S3Client,
  object: ObjectPlace,
  body: Buffer,
  digest: Buffer,
  access: FileAccess,
): Promise<boolean | undefined> {
  const headers = { "content-md5": digest.toString("base64"), ...onlyAbsent };
  try {
    const answer = await client.ask({ method: "PUT", key: object.key, headers, body, accept: [409, 412] }, access);
    if (answer.status === 409) return undefined;
    // the answer to an earlier try may have got lost on its way
    if (answer.status === 412) return (await isThere(client, object.key, body, digest, access)) ?? false;
    assertStored(object.place, answer, digest.toString("hex"));
    return true;
  } catch (error) {
    access.signal?.throwIfAborted();
    if (!(error instanceof MillraceError) || error.disposition !== "retry") throw error;
    const settled = await isThere(client, object.key, body, digest, access).catch(() => undefined);
    if (settled === undefined) throw error;
    return settled;
  }
}

/** Whether the object has these bytes; `undefined` when there is none. */
async function isThere(
  client: S3Client,
  key: string,
  body: Buffer,
  digest: Buffer,
  access: FileAccess,
): Promise<boolean | undefined> {
  const head = await client.ask({ method: "HEAD", key, accept: [404] }, access);
  if (head.status === 404) return undefined;
  const version = toVersion(head.headers["etag"] ?? "");
  if (isDigest(version, head.headers)) return version === digest.toString("hex");
  const limits = { maxBytes: body.length + 1 };
  const { headers, ...found } = await client.open({ method: "GET", key, limits, accept: [404] }, access);
  if (Number(headers["content-length"] ?? body.length) !== body.length) {
    found.body.destroy();
    return false;
  }
  return (await text(found.body)) === body.toString();
}

/** @throws MillraceError `TARGET_UNREADABLE`, to be tried again, for bytes that are others there */
export function assertStored(place: string, { headers }: S3Answer, digest: string): void {
  const version = toVersion(headers["etag"] ?? "");
  if (isDigest(version, headers) && version !== digest) throw otherBytes(place, changedHint);
}

export const changedHint = "bytes were changed on their way; the object is to be written again";

/** Whether the service refuses the second of two writers, which it is asked with an object of its own below `folder`. */
export async function refusesSecondWriter(client: S3Client, folder: string, access: FileAccess): Promise<boolean> {
  const key = `${folder === "" ? "" : `${folder}/`}.millrace-probe-${randomUUID()}`;
  const body = Buffer.from("asks whether a second writer is refused\n");
  const put = async (): Promise<number> =>
    (await client.ask({ method: "PUT", key, headers: onlyAbsent, body, accept: [409, 412, 501] }, access)).status;
  try {
    // the first one may be refused where an answer to it was lost
    if ((await put()) === 501) return false;
    const second = await put();
    return second === 409 || second === 412;
  } finally {
    await client.ask({ method: "DELETE", key, accept: [404] }, {}).catch(() => undefined);
  }
}

function crowded(place: string): MillraceError {
  return new MillraceError("TARGET_CONFLICT", `other writers are at \`${place}\` all the time`, {
    hint: "the run is tried again later",
  });
}
