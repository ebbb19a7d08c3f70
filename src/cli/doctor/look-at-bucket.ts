// Looks whether a lake in a bucket can be written, and by one writer at a time.
import { findBucket } from "../../connections/s3/find-bucket.ts";
import { findDataPlace } from "../../data/files/data-place.ts";
import type { Finding } from "./diagnosis.ts";

/** @param lake its address @throws MillraceError what the service refuses */
export async function lookAtBucket(lake: string): Promise<Finding> {
  const place = findDataPlace({ path: lake });
  if ("local" in place) return { detail: place.local };
  const bucket = await findBucket(place.remote.connection);
  const detail = `${bucket.place(place.remote.path)}: writable`;
  if (await bucket.refusesSecondWriter(place.remote.path, {})) return { detail };
  return {
    status: "fail",
    detail: `${detail}, but the service lets two writers overwrite each other`,
    hint: "use a newer version of the service, or another one: it must honour `If-None-Match: *`",
  };
}
