// The table of every list: only the rows in sight exist, the next page loads when the end comes near, j and k move, Enter opens,
// x selects. On a narrow screen each row is a card that names its values.
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import {
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type CSSProperties,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
} from "react";
import { useShortcut } from "../frame/shortcuts.ts";

export interface Column<Row> {
  readonly key: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** CSS grid track; default `minmax(0, 1fr)`. */
  readonly width?: string;
  readonly align?: "end";
  /** The head of the card on a narrow screen. */
  readonly isTitle?: boolean;
  /** The header is for readers only, such as of a column of buttons. */
  readonly isHeaderHidden?: boolean;
}

export interface RowSelection {
  readonly selected: ReadonlySet<string>;
  readonly onToggle: (id: string) => void;
}

export interface DataTableProps<Row> {
  /** What it lists. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
  /** How people call a row, for the selection. */
  readonly nameOf?: (row: Row) => string;
  readonly onOpen?: (row: Row) => void;
  readonly selection?: RowSelection;
  readonly hasMore?: boolean;
  readonly isLoadingMore?: boolean;
  readonly onLoadMore?: () => void;
  /** Expected height in px; default 40. Real heights are measured. */
  readonly rowHeight?: number;
}

/** Rows keep the order they are given in. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { label, columns, rows, idOf, selection, hasMore = false, isLoadingMore = false, onLoadMore } = props;
  const bodyRef = useRef<HTMLDivElement>(null);
  const isNarrow = useSyncExternalStore(watchNarrow, readNarrow);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (isNarrow ? cardHeight : (props.rowHeight ?? 40)),
    getItemKey: useCallback((index: number) => keyAt(rows, index, idOf), [rows, idOf]),
    overscan: 12,
    gap: isNarrow ? 8 : 0,
    scrollMargin: useTop(bodyRef),
  });
  const items = virtualizer.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? -1;
  useLayoutEffect(() => {
    if (hasMore && !isLoadingMore && lastShown >= rows.length - 10) onLoadMore?.();
  }, [hasMore, isLoadingMore, lastShown, rows.length, onLoadMore]);
  const { active, onKeyDown, onRowFocus } = useActiveRow(props, bodyRef, (index) => virtualizer.scrollToIndex(index));
  const tracks = columns.map(({ width }) => width ?? "minmax(0, 1fr)").join(" ");
  const style: ColumnStyle = { "--columns": selection === undefined ? tracks : `28px ${tracks}` };
  return (
    <div className="table" style={style}>
      <div role="table" aria-label={label} aria-rowcount={hasMore ? -1 : rows.length + 1}>
        <TableHead {...props} />
        <div
          ref={bodyRef}
          role="rowgroup"
          className="table-body"
          style={{ height: virtualizer.getTotalSize() }}
          onKeyDown={onKeyDown}
        >
          {items.map(({ key, index, start }) => (
            <TableRow
              key={key}
              {...props}
              index={index}
              offset={start - virtualizer.options.scrollMargin}
              isActive={index === active}
              measure={virtualizer.measureElement}
              onFocus={onRowFocus}
            />
          ))}
        </div>
      </div>
      {hasMore ? (
        <div className="table-more">
          <button type="button" className="button" onClick={onLoadMore} aria-disabled={isLoadingMore}>
            {isLoadingMore ? "Loading more…" : "Load more"}
          </button>
        </div>
      ) : null}
    </div>
  );
}

/** A first guess; cards are measured. */
const cardHeight = 180;
const narrow = "(width < 48rem)";

function readNarrow(): boolean {
  return matchMedia(narrow).matches;
}

function watchNarrow(listener: () => void): () => void {
  const query = matchMedia(narrow);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

// How far below the top of the document the rows begin; it changes with what is above them.
function useTop(body: { readonly current: HTMLDivElement | null }): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => setTop(Math.round((body.current?.getBoundingClientRect().top ?? 0) + scrollY));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [body]);
  return top;
}

function TableHead<Row>({ columns, selection }: DataTableProps<Row>): ReactElement {
  return (
    <div role="rowgroup" className="table-head">
      <div role="row" className="table-row" aria-rowindex={1}>
        {selection === undefined ? null : (
          <span role="columnheader" className="table-cell">
            <span className="only-read">Selected</span>
          </span>
        )}
        {columns.map(({ key, header, align, isHeaderHidden }) => (
          <span key={key} role="columnheader" className="table-cell" data-align={align}>
            <span className={isHeaderHidden === true ? "only-read" : undefined}>{header}</span>
          </span>
        ))}
      </div>
    </div>
  );
}

interface TableRowProps<Row> extends DataTableProps<Row> {
  readonly index: number;
  /** In px from the first row's place. */
  readonly offset: number;
  /** Whether Tab reaches it. */
  readonly isActive: boolean;
  readonly measure: (element: HTMLDivElement | null) => void;
  readonly onFocus: (index: number) => void;
}

function TableRow<Row>(props: TableRowProps<Row>): ReactElement | null {
  const { rows, index, offset, isActive, measure, onFocus, onOpen, selection, idOf } = props;
  const row = rows[index];
  if (row === undefined) return null;
  return (
    <div
      ref={measure}
      role="row"
      className="table-row"
      data-index={index}
      data-selected={selection?.selected.has(idOf(row))}
      aria-rowindex={index + 2}
      tabIndex={isActive ? 0 : -1}
      style={{ transform: `translateY(${offset}px)` }}
      onFocus={() => onFocus(index)}
      onClick={onOpen === undefined ? undefined : (event) => openByClick(event.target, () => onOpen(row))}
    >
      <Cells {...props} row={row} />
    </div>
  );
}

type ColumnStyle = CSSProperties & { readonly "--columns": string };

function Cells<Row>({
  columns,
  row,
  selection,
  idOf,
  nameOf,
}: DataTableProps<Row> & { readonly row: Row }): ReactElement {
  const id = idOf(row);
  return (
    <>
      {selection === undefined ? null : (
        <span role="cell" className="table-cell table-check">
          <input
            type="checkbox"
            aria-label={`Select ${nameOf?.(row) ?? id}`}
            checked={selection.selected.has(id)}
            onChange={() => selection.onToggle(id)}
          />
        </span>
      )}
      {columns.map(({ key, header, cell, align, isTitle, isHeaderHidden }) => (
        <span
          key={key}
          role="cell"
          className="table-cell"
          data-align={align}
          data-title={isTitle}
          {...(isHeaderHidden === true ? { "data-actions": true } : { "data-label": header })}
        >
          {cell(row)}
        </span>
      ))}
    </>
  );
}

// One row can be reached by Tab; it is the one that was focused last.
function useActiveRow<Row>(
  { rows, idOf, onOpen, selection }: DataTableProps<Row>,
  body: { readonly current: HTMLDivElement | null },
  scrollTo: (index: number) => void,
): {
  readonly active: number;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onRowFocus: (index: number) => void;
} {
  const [wanted, setWanted] = useState(0);
  const active = Math.min(wanted, Math.max(0, rows.length - 1));
  const hasFocus = (): boolean => body.current?.contains(document.activeElement) ?? false;
  const go = (index: number): void => {
    if (rows.length === 0) return;
    const next = Math.min(rows.length - 1, Math.max(0, index));
    setWanted(next);
    scrollTo(next);
    // It may have to be rendered first.
    requestAnimationFrame(() => body.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
  };
  const toggle = (): void => {
    const row = rows[active];
    if (row !== undefined && hasFocus()) selection?.onToggle(idOf(row));
  };
  useShortcut("j", "next row", () => go(hasFocus() ? active + 1 : active));
  useShortcut("k", "row before", () => go(hasFocus() ? active - 1 : active));
  useShortcut("x", "select or deselect the row", toggle, selection !== undefined);
  const onKeyDown = (event: KeyboardEvent): void => {
    const isOnRow = event.target instanceof HTMLElement && event.target.dataset["index"] !== undefined;
    if (!isOnRow) return;
    const next = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: rows.length - 1 }[event.key];
    const row = rows[active];
    if (next !== undefined) go(next);
    else if (event.key === "Enter" && row !== undefined) onOpen?.(row);
    else return;
    event.preventDefault();
  };
  return { active, onKeyDown, onRowFocus: setWanted };
}

function keyAt<Row>(rows: readonly Row[], index: number, idOf: (row: Row) => string): string | number {
  const row = rows[index];
  return row === undefined ? index : idOf(row);
}

// What can be pressed inside a row does its own; marking text opens nothing.
function openByClick(target: EventTarget, open: () => void): void {
  const isControl =
    target instanceof Element && target.closest("a, button, input, label, dialog, [popover], svg g") !== null;
  if (!isControl && getSelection()?.isCollapsed !== false) open();
}
