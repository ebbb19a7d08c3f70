// What a table is told: columns, rows, and what people may do with them.
import type { ReactNode } from "react";

export interface Column<Row> {
  /** Its name, once in a table; cards on a narrow screen name their values by it. */
  readonly header: string;
  /** Stands above the column in place of the name. */
  readonly head?: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** CSS grid track. Default: an equal share in a list, as wide as the content in other tables. */
  readonly width?: string;
  /** Numbers stand at the end. */
  readonly align?: "end";
  /** Heads the row, and the card on a narrow screen. Default: the first column does. */
  readonly isTitle?: boolean;
  /** The header is for readers only, such as of a column of buttons. */
  readonly isHeaderHidden?: boolean;
}

export interface RowSelection {
  readonly selected: ReadonlySet<string>;
  readonly onToggle: (id: string) => void;
  /** With a box for all rows, in place of a word above the boxes. */
  readonly all?: { readonly label: string; readonly onToggle: () => void };
}

export type TableKind = "list" | "facts" | "matrix";

export interface DataTableProps<Row> {
  /** What it shows. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** They keep the order they are given in. */
  readonly rows: readonly Row[];
  /** Different for each row. */
  readonly idOf: (row: Row) => string;
  /** Default `facts`. A list keeps its columns when rows come, so its tracks do not depend on content. */
  readonly kind?: TableKind;
  /** In place of a table without rows. */
  readonly empty?: ReactNode;
  /** How people call a row, for the selection. Default: its id. */
  readonly nameOf?: (row: Row) => string;
  /** Opens the row of a list, by Enter or a click. */
  readonly onOpen?: (row: Row) => void;
  /** Whether the row is the one that something beside the table is about. */
  readonly isMarked?: (row: Row) => boolean;
  readonly selection?: RowSelection;
  readonly hasMore?: boolean;
  readonly isLoadingMore?: boolean;
  readonly onLoadMore?: () => void;
  /** Expected height of a row of a list in px; default 40. Real heights are measured. */
  readonly rowHeight?: number;
}
