// The contract of the place that Spark and this machine both see, where results, notes and copies of inputs lie: a folder of a file system,
// or a part of a bucket. Names are those below it, with `/` between folders.

/** Which place it is, as the settings say it. */
export type SharedPlace = { readonly folder: string } | BucketPlace;

/** A part of a bucket. */
export interface BucketPlace {
  /** Through which this machine sees it. */
  readonly connection: string;
  /** Without a slash at its end; empty for the whole bucket. */
  readonly key: string;
  /** As Spark calls it, such as `s3a://bucket/key`, without a slash at its end. */
  readonly address: string;
}

export interface SharedFolder {
  /** How Spark calls what has a name here. */
  pathOf(name: string): string;
  /** How Spark calls a file of this machine or `s3://bucket/key`; `undefined` for one that it may not see. */
  seenPath(path: string): string | undefined;
  /**
   * Makes it, and removes those folders right in it that `isOurs` takes and that nobody has written to since.
   * @throws MillraceError `CONFIG_INVALID`, and what the service of a bucket refuses
   */
  open(isOurs: (name: string) => boolean, sinceMs: number): Promise<void>;
  /** Names of the files right in a folder, without the folder's; none for one that is not there. */
  list(folder: string): Promise<readonly string[]>;
  /** `undefined` for a file that is not there. */
  readText(name: string): Promise<string | undefined>;
  /** In one step, or as a file that may be cut when the process dies. */
  writeText(name: string, text: string): Promise<void>;
  /** Has a file made. @param write makes it at the path that it is given, on this machine */
  put(name: string, write: (path: string) => Promise<void>): Promise<void>;
  /** Lets this machine read files of a folder. @returns their paths here, in the order of the names */
  fetch(folder: string, names: readonly string[]): Promise<readonly string[]>;
  /** Removes a folder and all that is in it. */
  remove(folder: string): Promise<void>;
}
