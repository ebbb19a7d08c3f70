// Every table of the screens, in three kinds. A `list` is what a screen is about: only the rows in sight exist, the next page
// loads when the end comes near, j and k move, Enter opens, x selects. `facts` are few rows, as wide as their content. A
// `matrix` has so many columns that it stays a table on a narrow screen, where the rows of the others are cards.
import type { CSSProperties, ReactElement } from "react";
import { LongRows } from "./long-rows.tsx";
import type { Column, DataTableProps } from "./table-props.ts";
import { TableHead, TableRow } from "./table-rows.tsx";

/** A `list` scrolls with the page and its head stays in sight; other kinds scroll sideways within themselves. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { kind = "facts", rows, empty, hasMore = false, isLoadingMore = false, onLoadMore } = props;
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  return (
    <div className="table" data-kind={kind}>
      {kind === "list" ? <LongTable {...props} /> : <ShortTable {...props} />}
      {hasMore ? (
        <div className="table-more">
          <button
            type="button"
            className="button"
            onClick={isLoadingMore ? undefined : onLoadMore}
            aria-disabled={isLoadingMore}
          >
            {isLoadingMore ? "Loading more…" : "Load more"}
          </button>
        </div>
      ) : null}
    </div>
  );
}

function LongTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { label, columns, rows, selection, hasMore = false } = props;
  const style = columnStyle(columns, "minmax(0, 1fr)", selection !== undefined);
  return (
    <div role="table" aria-label={label} aria-rowcount={hasMore ? -1 : rows.length + 1} style={style}>
      <TableHead {...props} />
      <LongRows {...props} />
    </div>
  );
}

// The table can be focused, so that arrow keys scroll it.
function ShortTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { label, columns, rows, idOf, selection, isMarked } = props;
  const style = columnStyle(columns, "auto", selection !== undefined);
  return (
    <div role="table" aria-label={label} className="table-grid" style={style} tabIndex={0}>
      <TableHead {...props} />
      <div role="rowgroup" className="table-body">
        {rows.map((row) => (
          <TableRow key={idOf(row)} {...props} row={row} isMarked={isMarked?.(row) ?? false} />
        ))}
      </div>
    </div>
  );
}

type ColumnStyle = CSSProperties & { readonly "--columns": string };

// The tracks of all rows, with a first one for the boxes of a selection.
function columnStyle<Row>(columns: readonly Column<Row>[], usual: string, hasSelection: boolean): ColumnStyle {
  const tracks = columns.map(({ width }) => width ?? usual).join(" ");
  return { "--columns": hasSelection ? `28px ${tracks}` : tracks };
}
