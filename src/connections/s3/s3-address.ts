// Addresses of buckets and keys. The bucket is part of the path, as every service with this interface understands it.
import { MillraceError } from "../../core/errors/errors.ts";

/** Where a bucket is, without a slash at its end. */
export function bucketAddress(endpoint: string | undefined, region: string, bucket: string): string {
  return `${(endpoint ?? `https://s3.${region}.amazonaws.com`).replace(/\/$/, "")}/${bucket}`;
}

/** Address of a key, each of whose characters has to reach the service. @throws MillraceError `VALUE_INVALID` */
export function keyAddress(bucket: string, key: string): string {
  if (key === "" || key.split("/").some((segment) => segment === "." || segment === "..")) {
    throw new MillraceError("VALUE_INVALID", `expected a key that an address can hold, got: \`${key}\``, {
      hint: "a segment `.` or `..` of a key means another place in an address; rename the object",
    });
  }
  return `${bucket}/${key.toWellFormed().split("/").map(encodeSegment).join("/")}`;
}

/** Signatures cover these four in their encoded form. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
