// From the name of a connection, or of a bucket, to the place of files that it is. Only a root knows the connections of a project; it
// lends a way to find them.
import type { ConnectionOptions } from "../../core/connection/connection-options.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { FileCache } from "./file-cache.ts";
import type { FileService } from "./file-service.ts";

/** Finds a place of files by the name of its connection. @throws MillraceError `CONNECTION_UNKNOWN`, `CONFIG_INVALID`, `SECRET_MISSING` */
export type FindFileService = (connection: string) => Promise<FileService>;

/** What a root knows beside. */
export interface LentFiles {
  /** The connections of the configuration. */
  readonly declared?: Readonly<Record<string, ConnectionOptions>>;
  /** Absent: files are fetched each time that they are read. */
  readonly cache?: FileCache;
}

interface Lent extends LentFiles {
  readonly find: FindFileService;
}

let lent: Lent | undefined;

/**
 * Called when a program starts; the connections are those of the whole process.
 * @returns what takes them back: whoever lent before is asked again
 */
export function lendFileServices(find: FindFileService, more: LentFiles = {}): () => void {
  const before = lent;
  const own = { ...more, find };
  lent = own;
  return () => {
    if (lent === own) lent = before;
  };
}

/** The place of files; it is the lender's to close. @throws MillraceError as `FindFileService` */
export async function findFileService(connection: string): Promise<FileService> {
  if (lent !== undefined) return await lent.find(connection);
  throw new MillraceError("CONNECTION_UNKNOWN", `no connection is declared as \`${connection}\``, {
    hint: "declare it under `connections` of the configuration",
  });
}

/** Where copies of remote files are kept. */
export function findFileCache(): FileCache | undefined {
  return lent?.cache;
}

/**
 * The name of the connection to a bucket: the one that says this `bucket`, else the only one to a bucket, whose keys and endpoint are
 * then those of this bucket, too.
 * @throws MillraceError `CONNECTION_UNKNOWN` naming what to declare
 */
export function findBucketConnection(bucket: string): string {
  const buckets = Object.entries(lent?.declared ?? {}).flatMap(([name, { s3 }]) =>
    s3 === undefined ? [] : [{ name, bucket: s3.bucket }],
  );
  const own = buckets.filter((known) => known.bucket === bucket);
  const [first, second] = own.length > 0 ? own : buckets;
  if (first !== undefined && second === undefined)
    return own.length > 0 ? first.name : `${first.name}${otherBucket}${bucket}`;
  const names = buckets.map(({ name }) => `\`${name}\``).join(", ");
  if (own.length > 1) {
    throw new MillraceError("CONNECTION_UNKNOWN", `several connections lead to bucket \`${bucket}\`: ${names}`, {
      hint: "say which one: `connection`, and the key as `path`",
    });
  }
  throw new MillraceError("CONNECTION_UNKNOWN", `no connection is declared for bucket \`${bucket}\``, {
    hint: `declare one under \`connections\` of the configuration: \`{ s3: { bucket: "${bucket}", … } }\`${names === "" ? "" : `; known are ${names}`}`,
  });
}

/** Between the name of a connection and the name of another bucket that its keys open; no name of a connection has it. */
export const otherBucket = "@";
