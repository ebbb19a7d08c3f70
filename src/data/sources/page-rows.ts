// The contract of reading rows out of answers of a service, page after page. A page can be taken back until it is kept, since
// one that fails is asked for again.
import type { EngineSession } from "../../compute/engine.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import type { VariableValue } from "../../core/dataset/variables.ts";
import type { RowsPath } from "../pages/rows-path.ts";
import type { WatchedRow } from "../pages/row-runs.ts";
import type { SourceRows, KnownTable } from "./source-rows.ts";

/** How the rows of answers are found. */
export interface PageOptions {
  /** Folder for what is read, which is the caller's to delete; made when it is needed. */
  readonly folder: string;
  readonly path: RowsPath;
  /** Whether an answer without the path has no row. */
  readonly isOptional: boolean;
  /** Column for the name of the field that `*` at the end of the path stands for. */
  readonly keyColumn?: string;
  readonly watch?: WatchedRow;
  /** What pages are called in warnings. Default `page`. */
  readonly noun?: "page" | "file";
  /** Whether it is to be known afterwards of which unit each row is. */
  readonly tellsUnits: boolean;
}

/** What a page was. */
export interface ReadPage {
  readonly rows: number;
  /** Without those that were left out. */
  readonly kept: number;
  /** Says which rows these are. */
  readonly fingerprint: string;
  /** What an answer has beside its rows; `undefined` for formats that have nothing beside them. */
  readonly envelope: VariableValue | undefined;
  readonly lastRow: VariableValue | undefined;
  /** Why the rows could not be found, of an answer that may say so itself. It is to be thrown unless a rule takes the answer. */
  readonly problem?: MillraceError;
}

/** The body of an answer. */
export interface PageBody {
  readonly body: AsyncIterable<Uint8Array>;
  /** False when the end of the connection is all that ends the body. */
  readonly isEndKnown: boolean;
  /** Of the answer, by lower-case name. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where the answer came from; it may hold secrets. */
  readonly url?: string;
  /** The same for messages and rows. */
  readonly address?: string;
}

/** Rows of all pages so far. Not safe for two pages at once. */
export interface PageRows extends Disposable {
  /** @param name of the page for messages @throws MillraceError `SOURCE_UNREADABLE`, and what the body fails with */
  read(page: PageBody, name: string): Promise<ReadPage>;
  /** The page that was read last stays. */
  keep(): void;
  /** Takes back what was read, as a whole or in part, and is not kept. */
  discard(): void;
  /** Pages from now on are those of another unit. @param unit its place, from 0 @returns what takes back all pages from now on */
  beginUnit(unit: number): () => void;
  /** Adds the pages of another one of the same kind, which is read no more. */
  join(other: this): void;
  /** The rows with one more column: the place of each row's unit. @param rows what `finish` gave */
  tellUnits(session: EngineSession, rows: SourceRows, column: string): Promise<string | undefined>;
  /** The rows of all pages that were kept, once there are no more. */
  finish(session: EngineSession, table: KnownTable): Promise<SourceRows>;
}
