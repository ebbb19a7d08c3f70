// Addresses of data: `s3://bucket/key`, `s3a://bucket/key` as Hadoop and Spark write it, and `file:///path`.
import { MillraceError } from "../errors/errors.ts";

/** Where an address leads. */
export type DataAddress =
  | { readonly kind: "bucket"; readonly bucket: string; readonly key: string }
  | { readonly kind: "file"; readonly path: string };

/** Tells whether a text is written as an address, whatever its kind, and not as a path. */
export function isDataAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^file:\//i.test(text);
}

/**
 * Reads an address; `undefined` for a path. A key is taken as it is written, without a slash at its end.
 * @throws MillraceError `VALUE_INVALID` for an address of another kind, of no bucket, or with segments that lead elsewhere
 */
export function parseDataAddress(text: string): DataAddress | undefined {
  if (!isDataAddress(text)) return undefined;
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(text) ?? [];
  switch (scheme.toLowerCase()) {
    case "s3":
    case "s3a":
    case "s3n":
      return parseBucketAddress(text, rest);
    case "file":
      return parseFileAddress(text, rest);
    default:
      throw new MillraceError("VALUE_INVALID", `expected a path, \`s3://…\` or \`file:///…\`, got: \`${text}\``, {
        hint: "data is on this machine or in a bucket with the interface of S3; for other places name a `connection` and a path",
      });
  }
}

/** An address or a path with more names behind it. */
export function joinAddress(base: string, name: string): string {
  return `${base.replace(/\/+$/, "")}/${name}`;
}

function parseBucketAddress(text: string, rest: string): DataAddress {
  const [, bucket = "", key = ""] = /^\/\/([^/]*)\/?(.*)$/s.exec(rest) ?? [];
  if (!/^[a-z0-9][a-z0-9._-]{1,62}$/i.test(bucket)) throw invalid(text, "the name of a bucket behind `s3://`");
  if (key.split("/").some((segment) => segment === "." || segment === ".."))
    throw invalid(text, "a key without the segments `.` and `..`");
  return { kind: "bucket", bucket, key: key.replace(/\/+$/, "") };
}

function parseFileAddress(text: string, rest: string): DataAddress {
  const [, host = "", path = ""] = /^(?:\/\/([^/]*))?(\/.*)$/s.exec(rest) ?? [];
  if (path === "" || (host !== "" && host !== "localhost"))
    throw invalid(text, "an absolute path of this machine behind `file://`");
  try {
    const decoded = decodeURIComponent(path);
    return { kind: "file", path: /^\/[a-z]:\//i.test(decoded) ? decoded.slice(1) : decoded };
  } catch {
    throw invalid(text, "an address whose `%` are followed by two digits");
  }
}

function invalid(text: string, expected: string): MillraceError {
  return new MillraceError("VALUE_INVALID", `expected ${expected}, got: \`${text}\``);
}
