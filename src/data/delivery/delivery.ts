// Files that a publication puts elsewhere as they are: what is known of each, and what putting them there needs of the attempt.
import type { OwnFolders } from "../files/project-path.ts";
import type { Failpoint, Intent } from "../target.ts";

/** A file of this machine that is to be put somewhere. */
export interface OutgoingFile {
  /** Absolute. */
  readonly path: string;
  /** What people call it. */
  readonly name: string;
  /** Where it goes, as the place knows it. */
  readonly to: string;
  readonly size: number;
  /** Hexadecimal, of the bytes that were looked at. */
  readonly md5: string;
  readonly sha256: string;
}

/** The attempt that puts them there. */
export interface Delivery {
  readonly paths: OwnFolders;
  /** Folder for copies, which is the caller's to delete; it may not be there yet. */
  readonly folder: string;
  /** The run, the same for each of its attempts. */
  readonly owner: string;
  /** Called before anything is made at the place, with what a crash would leave there. */
  intend(intent: Intent): Promise<void>;
  /** @throws MillraceError `RUN_LOST` when the attempt no longer holds its run */
  assertHeld(): Promise<void>;
  /** Tells what is being done now, in a few words. */
  operation(text: string): void;
  readonly signal: AbortSignal;
  readonly failpoint: Failpoint;
}

/** What a place has where a file is to go. */
export type Occupant = "nothing" | "same" | "other";

/** Somewhere that files are put. */
export interface FilePlace {
  /** Whether what is there has the same bytes. */
  look(file: OutgoingFile, delivery: Delivery): Promise<Occupant>;
  /**
   * Puts the file there in one step: whoever looks sees nothing, the file that was there, or all of the new one.
   * @throws MillraceError `TARGET_CONFLICT` when somebody was faster and `isReplacing` is false; `SOURCE_UNREADABLE`, to be tried
   *   again, when the bytes are not those that were looked at; `DISK_FULL`, `PERMISSION_DENIED` and the like
   */
  put(file: OutgoingFile, isReplacing: boolean, delivery: Delivery): Promise<void>;
  /** Takes what does not fit for what it is before the first file is put. @throws MillraceError `DISK_FULL` */
  assertSpace(files: readonly OutgoingFile[]): Promise<void>;
  /** Of a path, for people. */
  print(to: string): string;
  /** Of a path, for whoever looks for what an interruption has left. */
  absolute(to: string): string;
}
