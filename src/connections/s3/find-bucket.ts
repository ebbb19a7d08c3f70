// The bucket behind a connection, for those that need more of it than files.
import { MillraceError } from "../../core/errors/errors.ts";
import { findFileService } from "../files/find-file-service.ts";
import type { S3Service } from "./s3-service.ts";

/** @throws MillraceError as `findFileService`, and `CONFIG_INVALID` for a place of files of another kind */
export async function findBucket(connection: string): Promise<S3Service> {
  const service = await findFileService(connection);
  // Every job file comes by here, and few have a bucket.
  const { S3Service: Bucket } = await import("./s3-service.ts");
  if (service instanceof Bucket) return service;
  throw new MillraceError("CONFIG_INVALID", `connection \`${connection}\` is no bucket, got: \`${service.kind}\``, {
    hint: "name a connection of the kind `s3`",
  });
}
