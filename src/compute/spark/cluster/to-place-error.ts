// What Spark says of a bucket that it does not open, as what is to be done about it: its own words name classes of Java.
import type { ErrorCode } from "../../../core/errors/error-codes.ts";
import { MillraceError } from "../../../core/errors/errors.ts";

/** @param place as Spark calls it @returns the error as it is when it is about something else */
export function toPlaceError(error: unknown, place: string): unknown {
  if (!(error instanceof MillraceError) || error.code !== "SQL_FAILED" || !place.includes("://")) return error;
  const text = textOf(error);
  const reason = reasons.find(({ said }) => said.test(text));
  if (reason === undefined) return error;
  return new MillraceError(reason.code, `${reason.message}: \`${place}\``, { hint: reason.hint, cause: error });
}

interface Reason {
  readonly said: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

const reasons: readonly Reason[] = [
  {
    said: /No FileSystem for scheme|S3AFileSystem not found|NoClassDefFoundError/,
    code: "CAPABILITY_MISSING",
    message: "this Spark has no file system for such addresses",
    hint: "start Spark with `org.apache.hadoop:hadoop-aws` in the version of its Hadoop, and write `s3a://`; or set `compute.folder` to a folder that this machine and Spark share",
  },
  {
    said: /AccessDenied|NoAuthWithAWS|InvalidAccessKeyId|SignatureDoesNotMatch|Forbidden|Status Code: 40[13]/,
    code: "PERMISSION_DENIED",
    message: "Spark may not use the bucket",
    hint: "Spark has keys or a role of its own, in its settings `spark.hadoop.fs.s3a.…`, which have to list, read, write and delete there",
  },
  {
    said: /UnknownStoreException|NoSuchBucket|[Bb]ucket does not exist/,
    code: "CONFIG_INVALID",
    message: "Spark knows no such bucket",
    hint: "compare `spark.hadoop.fs.s3a.endpoint` of Spark with `endpoint` of the connection",
  },
];

/** The message with those of its causes. */
function textOf(error: Error): string {
  const texts: string[] = [];
  for (let current: unknown = error; current instanceof Error; current = current.cause) texts.push(current.message);
  return texts.join("\n");
}
