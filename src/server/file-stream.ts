// An answer that is a file, sent as its bytes are read: the server never holds the whole. Nothing in it is masked.
import type { ExportFormat } from "../core/export-format.ts";

export interface FileStream {
  readonly kind: "file_stream";
  /** Proposed to whoever saves it; letters, digits, `-`, `_` and `.` only. */
  readonly fileName: string;
  readonly contentType: string;
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Tells whether a handler answered with a file. */
export function isFileStream(value: unknown): value is FileStream {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "file_stream";
}

/** Types of files of rows. */
export const exportTypes: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
};
