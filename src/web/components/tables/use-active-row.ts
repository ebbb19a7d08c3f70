// The row of a list that Tab reaches: the one that was focused last. Keys move it, open it and select it.
import { useState, type KeyboardEvent } from "react";
import { useShortcut } from "../frame/shortcuts.ts";
import type { DataTableProps } from "./table-props.ts";

export interface ActiveRow {
  readonly active: number;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onRowFocus: (index: number) => void;
}

/** @param scrollTo brings a row into the document when it is not in sight */
export function useActiveRow<Row>(
  { rows, idOf, onOpen, selection }: DataTableProps<Row>,
  body: { readonly current: HTMLElement | null },
  scrollTo: (index: number) => void,
): ActiveRow {
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
