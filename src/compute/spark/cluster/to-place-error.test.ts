// Words of Spark 4.2.0 with Hadoop 3.5.0, and without its module for buckets.
import { expect, test } from "vitest";
import { MillraceError } from "../../../core/errors/errors.ts";
import { toPlaceError } from "./to-place-error.ts";

const place = "s3a://lake/shared";

test.each([
  ["spark: No FileSystem for scheme `s3`", "CAPABILITY_MISSING"],
  [
    "RuntimeException: java.lang.ClassNotFoundException: Class org.apache.hadoop.fs.s3a.S3AFileSystem not found",
    "CAPABILITY_MISSING",
  ],
  ["AccessDeniedException: s3a://lake/shared: getFileStatus on s3a://lake/shared", "PERMISSION_DENIED"],
  [
    "spark: s3a://lake/shared: getFileStatus: S3Exception: Forbidden (Service: S3, Status Code: 403)",
    "PERMISSION_DENIED",
  ],
  ["UnknownStoreException: `s3a://lake/shared': Bucket does not exist", "CONFIG_INVALID"],
])("what Spark says of a bucket is told with what to do: %s", (said, code) => {
  const error = new MillraceError("SQL_FAILED", "spark: a job was aborted", { cause: new Error(said) });
  expect(toPlaceError(error, place)).toMatchObject({
    code,
    message: expect.stringContaining(place) as string,
    hint: expect.stringContaining("Spark") as string,
    cause: error,
  });
});

test("anything else is told as it was", () => {
  const wrong = new MillraceError("SQL_FAILED", "spark: division by zero");
  expect(toPlaceError(wrong, place)).toBe(wrong);
  const lost = new MillraceError("SESSION_LOST", "spark: AccessDenied");
  expect(toPlaceError(lost, place)).toBe(lost);
  const folder = new MillraceError("SQL_FAILED", "AccessDenied");
  expect(toPlaceError(folder, "/mnt/shared")).toBe(folder);
});
