// From the setting `streams.payloads` to the place that it names.
import { join } from "node:path";
import { findDataPlace } from "../../data/files/data-place.ts";
import { createBucketPayloadStore } from "./bucket-payload-store.ts";
import { createFolderPayloadStore } from "./folder-payload-store.ts";
import type { PayloadStore } from "./payload-store.ts";

/**
 * @param address an absolute path, or `s3://bucket/prefix`
 * @param home an absolute path for what is on its way into a bucket
 * @throws MillraceError `CONNECTION_UNKNOWN` for a bucket without a connection · `VALUE_INVALID`
 */
export function openPayloadStore(address: string, home: string): PayloadStore {
  const place = findDataPlace({ path: address });
  if ("local" in place) return createFolderPayloadStore(place.local);
  const { connection, path } = place.remote;
  return createBucketPayloadStore({ connection, prefix: path, stagingFolder: join(home, "payloads-on-their-way") });
}
