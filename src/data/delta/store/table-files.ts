// The contract of whatever holds the files of a Delta table: a folder of this machine, or a part of a bucket.
// Names are those below the folder of the table, with `/` between folders.

import type { FileAccess } from "../../../connections/files/file-service.ts";

/** A file of this machine on its way into the table. */
export interface AddedFile {
  readonly name: string;
  readonly written: { readonly path: string };
}

/** What putting a file needs beside its text. */
export interface PutIfAbsent {
  /** Folder of this machine for a draft, on the file system of a local table. */
  readonly stagingDir: string;
  /** Called when nothing but the last step is left to do, which is not done when it throws. */
  readonly beforePut: () => Promise<void>;
}

/** The files of one table. Whoever reads sees a file whole or not at all. */
export interface TableFiles {
  /** Names of what is right in a folder, without the folder's; nothing for a folder that is not there. */
  list(folder: string): Promise<readonly string[]>;
  /** `undefined` when there is no such file. */
  readText(name: string): Promise<string | undefined>;
  /** When the file was written, in milliseconds. @throws when there is no such file */
  writtenAt(name: string): Promise<number>;
  /**
   * Makes a text the file, unless there is one.
   * @returns whether this writer was first; of several at once one is
   */
  putIfAbsent(name: string, text: string, put: PutIfAbsent): Promise<boolean>;
  /** Puts a flushed file of this machine in the place of whatever is there, in one step. */
  replace(from: string, name: string): Promise<void>;
  /** Adds flushed files under names that nobody has; what is there when this fails goes with `takeBack`. */
  add(files: readonly AddedFile[], access: FileAccess): Promise<void>;
  /** Removes what was added; the files are where they were before. One that was never added is fine. */
  takeBack(files: readonly AddedFile[]): Promise<void>;
  /** Where this machine has a file that was added. */
  pathOf(file: AddedFile): string;
  /** @returns the names of those that were there */
  remove(names: readonly string[]): Promise<string[]>;
  /** The first of these paths of the log where nothing is, as people call it. */
  findMissing(logPaths: readonly string[]): Promise<string | undefined>;
  /**
   * Lets this machine read files, given their paths in the log.
   * @param folder for copies, which belong to the caller; where the table is elsewhere
   * @returns the folder in which they have the paths of the log
   */
  open(logPaths: readonly string[], folder: string | undefined, access: FileAccess): Promise<string>;
}
