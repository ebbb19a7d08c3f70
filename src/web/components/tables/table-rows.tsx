// The head and the rows of a table, the same for all kinds of tables.
import type { HTMLAttributes, ReactElement, Ref } from "react";
import type { Column, DataTableProps, RowSelection } from "./table-props.ts";

/** The names of the columns. */
export function TableHead<Row>({ kind, columns, rows, idOf, selection }: DataTableProps<Row>): ReactElement {
  return (
    <div role="rowgroup" className="table-head">
      <div role="row" className="table-row" aria-rowindex={kind === "list" ? 1 : undefined}>
        {selection === undefined ? null : (
          <span role="columnheader" className="table-cell table-check">
            <SelectAll {...selection} ids={rows.map(idOf)} />
          </span>
        )}
        {columns.map(({ header, head, align, isHeaderHidden }) => (
          <span key={header} role="columnheader" className="table-cell" data-align={align}>
            <span className={isHeaderHidden === true ? "only-read" : undefined}>{head ?? header}</span>
          </span>
        ))}
      </div>
    </div>
  );
}

function SelectAll({ selected, all, ids }: RowSelection & { readonly ids: readonly string[] }): ReactElement {
  if (all === undefined) return <span className="only-read">Selected</span>;
  const isAll = ids.length > 0 && ids.every((id) => selected.has(id));
  return <input type="checkbox" aria-label={all.label} checked={isAll} onChange={all.onToggle} />;
}

export interface TableRowProps<Row> extends Omit<DataTableProps<Row>, "isMarked"> {
  readonly row: Row;
  readonly isMarked: boolean;
  /** What a list adds: its place, and how it is reached and opened. */
  readonly attributes?: HTMLAttributes<HTMLDivElement> & { readonly ref?: Ref<HTMLDivElement>; "data-index"?: number };
}

/** One line, or one card on a narrow screen. */
export function TableRow<Row>(props: TableRowProps<Row>): ReactElement {
  const { row, idOf, nameOf, selection, isMarked, attributes } = props;
  const id = idOf(row);
  const isSelected = selection?.selected.has(id) ?? false;
  return (
    <div role="row" className="table-row" data-selected={isSelected || isMarked} {...attributes}>
      {selection === undefined ? null : (
        <span role="cell" className="table-cell table-check">
          <input
            type="checkbox"
            aria-label={`Select ${nameOf?.(row) ?? id}`}
            checked={isSelected}
            onChange={() => selection.onToggle(id)}
          />
        </span>
      )}
      <Cells {...props} />
    </div>
  );
}

function Cells<Row>({ columns, row }: TableRowProps<Row>): ReactElement {
  const title = titleIndex(columns);
  return (
    <>
      {columns.map(({ header, cell, align, isHeaderHidden }, index) => (
        <span
          key={header}
          role={index === title ? "rowheader" : "cell"}
          className="table-cell"
          data-align={align}
          data-title={index === title ? true : undefined}
          {...(isHeaderHidden === true ? { "data-actions": true } : { "data-label": header })}
        >
          {cell(row)}
        </span>
      ))}
    </>
  );
}

function titleIndex<Row>(columns: readonly Column<Row>[]): number {
  return Math.max(
    0,
    columns.findIndex(({ isTitle }) => isTitle === true),
  );
}
