// The keys of a bucket, page after page.
import { MillraceError } from "../../core/errors/errors.ts";
import type { FileAccess, RemoteFile } from "../files/file-service.ts";
import type { S3Client } from "./s3-client.ts";
import { parseXml, textOf, type XmlElement } from "./s3-xml.ts";

export interface KeyListing extends FileAccess {
  /** Keys that have it behind the prefix are left out. */
  readonly delimiter?: "/";
}

/**
 * Keys that begin with a prefix, in the order of the service, without those that stand for folders.
 * @throws MillraceError `PAGINATION_BROKEN` for a listing that goes in a circle
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export async function* listKeys(
  client: S3Client,
  prefix: string,
  { delimiter, ...access }: KeyListing,
): AsyncGenerator<RemoteFile> {
  const seen = new Set<string>();
  for (let token: string | undefined; ;) {
    const { text } = await client.ask({ method: "GET", query: toQuery(prefix, token, delimiter) }, access);
    const page = parseXml(text, "the listing of the bucket");
    if (page.name !== "ListBucketResult") throw noListing(page.name);
    for (const element of page.children) {
      const file = element.name === "Contents" ? toFile(element) : undefined;
      if (file !== undefined && !file.path.endsWith("/")) yield file;
    }
    token = textOf(page, "NextContinuationToken");
    if (textOf(page, "IsTruncated") !== "true") return;
    if (token === undefined || token === "" || seen.has(token)) throw circle(token);
    seen.add(token);
  }
}

/** ETags stand in quotes. */
export function toVersion(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}

function toQuery(
  prefix: string,
  token: string | undefined,
  delimiter: string | undefined,
): Readonly<Record<string, string>> {
  return {
    "list-type": "2",
    "max-keys": "1000",
    ...(prefix === "" ? {} : { prefix }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(token === undefined ? {} : { "continuation-token": token }),
  };
}

function toFile(element: XmlElement): RemoteFile {
  const path = textOf(element, "Key") ?? "";
  const size = Number(textOf(element, "Size"));
  const modifiedAtMs = Date.parse(textOf(element, "LastModified") ?? "");
  const version = toVersion(textOf(element, "ETag") ?? "");
  if (path === "" || !Number.isSafeInteger(size) || Number.isNaN(modifiedAtMs)) throw noListing("Contents");
  return { path, size, modifiedAtMs, version };
}

function noListing(got: string): MillraceError {
  return new MillraceError(
    "FORMAT_INVALID",
    `expected the listing of a bucket, got: an element \`${got.slice(0, 100)}\``,
    {
      hint: "compare `endpoint` of the connection with the service's documentation",
    },
  );
}

function circle(token: string | undefined): MillraceError {
  const what =
    token === undefined || token === "" ? "says that it goes on, and not where" : "came back to a page that was read";
  return new MillraceError("PAGINATION_BROKEN", `the listing of the bucket ${what}`, {
    hint: "ask whoever runs the service; nothing was read",
  });
}
