// The rows of a list: only those near the window are in the document, and the next page loads when the end comes near.
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useLayoutEffect, useRef, useState, useSyncExternalStore, type ReactElement } from "react";
import type { DataTableProps } from "./table-props.ts";
import { TableRow } from "./table-rows.tsx";
import { useActiveRow } from "./use-active-row.ts";

export function LongRows<Row>(props: DataTableProps<Row>): ReactElement {
  const { rows, idOf, onOpen, isMarked, hasMore = false, isLoadingMore = false, onLoadMore } = props;
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
  const height = virtualizer.getTotalSize();
  return (
    <div ref={bodyRef} role="rowgroup" className="table-body" style={{ height }} onKeyDown={onKeyDown}>
      {items.map(({ key, index, start }) => {
        const row = rows[index];
        if (row === undefined) return null;
        const attributes = {
          ref: virtualizer.measureElement,
          "data-index": index,
          "aria-rowindex": index + 2,
          tabIndex: index === active ? 0 : -1,
          style: { transform: `translateY(${start - virtualizer.options.scrollMargin}px)` },
          onFocus: () => onRowFocus(index),
          ...(onOpen === undefined ? {} : { onClick: openByClick(() => onOpen(row)) }),
        };
        return <TableRow key={key} {...props} row={row} isMarked={isMarked?.(row) ?? false} attributes={attributes} />;
      })}
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

// Measures how far below the top of the document the rows begin; the distance changes with the content above them.
function useTop(body: { readonly current: HTMLElement | null }): number {
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

function keyAt<Row>(rows: readonly Row[], index: number, idOf: (row: Row) => string): string | number {
  const row = rows[index];
  return row === undefined ? index : idOf(row);
}

// A click on a control inside a row does what the control does, and marking text opens nothing.
function openByClick(open: () => void): (event: { readonly target: EventTarget }) => void {
  return ({ target }) => {
    const isControl =
      target instanceof Element && target.closest("a, button, input, label, dialog, [popover], svg g") !== null;
    if (!isControl && getSelection()?.isCollapsed !== false) open();
  };
}
