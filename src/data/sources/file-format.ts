// The contract of formats of files. Each has a folder beside this file, and `file-formats.ts` has one line for it.
import type { EngineSession } from "../../compute/engine.ts";
import type { OptionPath } from "../../core/spec/parse-options.ts";
import type { Variables } from "../../core/dataset/variables.ts";
import type { Spec } from "../../core/spec/spec.ts";
import type { FileFacts } from "./file-spool.ts";
import type { PageOptions, PageRows } from "./page-rows.ts";
import type { KnownTable, SourceRows } from "./source-rows.ts";

/**
 * A format of files.
 * @typeParam Options what a source may say of its files; `never` for a format that takes none
 * @typeParam Variant what `format` of a source may say
 */
export interface FileFormat<Options extends object = object, Variant extends string = string> {
  /** Names the option of a file source that holds `options`; also the name of its export in `file-formats.ts`. */
  readonly name: string;
  /** What the options are about, for their table in the docs, such as `how lines of text are read`. */
  readonly summary: string;
  readonly options?: Spec<Options>;
  /** The format under the names that a source calls it by. */
  readonly variants: readonly Variant[];
  /** Extension of a file, in lower case without the dot → how the file is read. */
  readonly extensions: Readonly<Record<string, Variant>>;
  /** Content types of answers of a service that hold it, by variant. */
  readonly contentTypes: Readonly<Record<Variant, RegExp>>;
  /** Whether a file ends with a line end, so that one that was cut can be told. */
  readonly endsWithLine: boolean;
  /** Reads answers of a service that have more than rows in them, of some variants. Others are read as files. */
  readonly pages?: { readonly variants: readonly Variant[]; open(options: PageOptions): PageRows };
  /**
   * What it makes of files that are packed as `.gz` or `.zst`. `checks`: it unpacks them, and finds one that ends too early by
   * itself. `unpacks`: it leaves that to others. `none`: it gets them unpacked.
   */
  readonly archives: "checks" | "unpacks" | "none";
  /** Whether files are text, so that their encoding may be said. */
  readonly isText: boolean;
  /** Present when files are taken as they are, whatever their names say; its options are then needed. */
  readonly takesWhole?: true;
  /** As that of `SourceKind`, for the options of this format. */
  assertOptions?(where: string, path: OptionPath, options: Options): void;
  /**
   * One relation over the rows of all files, united by column name, in the order of the files.
   * @param files absolute, in the order in which they are read, and there
   * @throws MillraceError `SOURCE_UNREADABLE` naming the file
   */
  read(session: EngineSession, files: readonly string[], reading: FileReading<Options, Variant>): Promise<SourceRows>;
}

export interface FileReading<Options extends object, Variant extends string> {
  readonly variant: Variant;
  readonly options?: Options;
  /** The table that the rows go to. */
  readonly table: KnownTable;
  /** Folder for what is made of the files, which is the caller's to delete; it may not be there yet. */
  readonly spool: string;
  /** What is known of each of the files, in their order. */
  readonly delivered: readonly DeliveredFile[];
  /** What variables stand for with a file: those of its unit that are no secret, and `page`. */
  readonly variablesOf: (file: DeliveredFile) => Variables;
  /** Whether the source finds files that are put at a path behind a connection, or on this machine. */
  readonly isFound: (path: string, connection: string | undefined) => boolean;
  /** Rows that come as JSON objects, for a format that makes such objects of its own. */
  readonly openObjects: (options: PageOptions) => PageRows;
}

/** A file as it came. */
export interface DeliveredFile {
  /** Absolute. */
  readonly path: string;
  /** What people call it. */
  readonly name: string;
  /** Place of its unit, from 0. */
  readonly unit?: number;
  readonly facts: FileFacts;
  /** Of one that was unpacked: its name without the extensions of what it was packed with. */
  readonly innerName?: string;
}
