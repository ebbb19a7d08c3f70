// Payloads as objects of a bucket.
import { rm } from "node:fs/promises";
import { findBucket } from "../../connections/s3/find-bucket.ts";
import { payloadPath, type PayloadStore } from "./payload-store.ts";

export interface BucketPayloadStoreOptions {
  /** Of the bucket. */
  readonly connection: string;
  /** What all keys begin with; empty for none. */
  readonly prefix: string;
  readonly stagingFolder: string;
}

/** Nothing is asked before the first call. */
export function createBucketPayloadStore({
  connection,
  prefix,
  stagingFolder,
}: BucketPayloadStoreOptions): PayloadStore {
  const keyOf = (sha256: string): string => `${prefix === "" ? "" : `${prefix}/`}${payloadPath(sha256)}`;
  const accessOf = (signal: AbortSignal | undefined): { readonly signal?: AbortSignal } =>
    signal === undefined ? {} : { signal };
  return {
    place: `${connection}:${prefix}`,
    stagingFolder,
    keep: async (file, { sha256, bytes }, { signal }) => {
      const bucket = await findBucket(connection);
      const key = keyOf(sha256);
      const found = await bucket.find(key, accessOf(signal));
      // its name says what it is; one of another length was cut off by somebody
      if (found?.size !== bytes) await bucket.upload(file, key, { owner: "payloads", ...accessOf(signal) });
      await rm(file, { force: true });
    },
    open: async (sha256, { signal }) => await (await findBucket(connection)).open(keyOf(sha256), accessOf(signal)),
    remove: async (sha256, { signal }) => await (await findBucket(connection)).remove(keyOf(sha256), accessOf(signal)),
  };
}
