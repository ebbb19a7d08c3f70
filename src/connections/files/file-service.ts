// The contract of places that hold files: buckets, SSH servers, HDFS. Each kind has a folder beside this one.
import type { PathPattern } from "./path-pattern.ts";

/** A file as it was when somebody looked. */
export interface RemoteFile {
  /** As the service knows it: a key without a slash before it, or an absolute path. */
  readonly path: string;
  readonly size: number;
  /** Services without fractions of a second give whole ones. */
  readonly modifiedAtMs: number;
  /** Another text when the content is another one: an ETag, or size and time where there is none. */
  readonly version: string;
}

export interface FileAccess {
  /** Ends what is under way, for its reason. */
  readonly signal?: AbortSignal;
}

export interface Download extends FileAccess {
  /** Told how many bytes came, as they come. */
  readonly onBytes?: (count: number) => void;
}

/** What came with the bytes of a file. */
export interface DownloadedFile {
  /** What the service says that the bytes are packed with although the name does not: `gzip` or `zstd`. */
  readonly packing?: "gzip" | "zstd";
}

export interface Upload extends FileAccess {
  /** Names whoever uploads; what an interruption leaves is found again by it. Letters, digits and `-`. */
  readonly owner: string;
  /** Called when all bytes are there, right before the step that makes them the file. What it throws leaves everything as it was. */
  readonly onReady?: () => Promise<void>;
  /** `absent`: nothing that is there is replaced. Default: whatever is there is replaced. */
  readonly over?: "absent";
}

/** One place of files, which are read and put there. Closing it ends what is under way. */
export interface FileService extends AsyncDisposable {
  /** Of the connection. */
  readonly name: string;
  readonly kind: "s3" | "sftp" | "webhdfs";
  /** A path for people, such as `s3://bucket/key`, without secrets. */
  place(path: string): string;
  /**
   * Files that a pattern names, each once, in no order. Folders are no files.
   * @throws MillraceError `PERMISSION_DENIED`, `SERVICE_UNAVAILABLE` and the like; a folder that is not there has no file
   */
  list(pattern: PathPattern, access: FileAccess): AsyncIterable<RemoteFile>;
  /** The file at a path; `undefined` for nothing and for a folder. */
  find(path: string, access: FileAccess): Promise<RemoteFile | undefined>;
  /**
   * Writes the bytes of exactly that file to a new local one. What was interrupted goes on where it was.
   * @throws MillraceError `SOURCE_UNREADABLE`, to be tried again, when the file is another one by now, or has other bytes than
   *   the service says; `SOURCE_MISSING`, `DISK_FULL`
   */
  download(file: RemoteFile, to: string, download: Download): Promise<DownloadedFile>;
  /**
   * Makes a local file the one at `path`, in one step: whoever reads sees the old one or the new one. Folders above it are made.
   * Bytes are compared with what the service has got.
   * @returns the file that is there now
   * @throws MillraceError `TARGET_CONFLICT` for `over: "absent"` when there is one; `TARGET_UNREADABLE` for bytes that are others there, to be tried again, and for what is no file; `PERMISSION_DENIED`
   */
  upload(from: string, path: string, upload: Upload): Promise<RemoteFile>;
  /** Removes what interrupted uploads of an owner to that path have left. Doing it again is harmless. */
  clearUnfinished(path: string, owner: string, access: FileAccess): Promise<void>;
  /** Removes a file; one that is not there is no error. */
  remove(path: string, access: FileAccess): Promise<void>;
}
