// Draws the cells of the grid of past runs: the head of a run, and a member in it.
import type { ReactElement } from "react";
import { type RunReason } from "../../core/job/run-state.ts";
import { formatInstant, formatMs } from "../components/values/format-quantity.ts";
import { describeState } from "../components/values/state-appearance.ts";
import { serverNowMs } from "../queries/server-clock.ts";
import { GridMark } from "./grid-mark.tsx";
import { type GridColumn } from "./merge-grid.ts";

/** Row -1 is the head with the runs themselves. */
export interface GridPosition {
  readonly row: number;
  readonly column: number;
}

export interface CellProps {
  readonly column: GridColumn | undefined;
  readonly left: number;
  readonly position: GridPosition;
  readonly isActive: boolean;
  readonly onFocus: (position: GridPosition) => void;
}

/** A run: its outcome and its duration as a bar. */
export function RunHead({
  column,
  left,
  position,
  isActive,
  onFocus,
  longestMs,
}: CellProps & { readonly longestMs: number }): ReactElement | null {
  if (column === undefined) return null;
  const { run_id: runId, state, created_at: createdAt, duration_ms: durationMs } = column;
  const text = `${runId}, ${describeState(state).label}, ${formatInstant(createdAt, serverNowMs(), "minute")}${durationMs === null ? "" : `, ${formatMs(durationMs)}`}`;
  return (
    <GridMark
      role="columnheader"
      className="grid-run"
      {...{ left, position, isActive, onFocus, runId, text }}
      tone={describeState(state).tone}
      barShare={Math.sqrt((durationMs ?? 0) / longestMs)}
    />
  );
}

/** A member in a run; a dot where the run has none. */
export function MemberCell({
  column,
  name,
  left,
  position,
  isActive,
  onFocus,
}: CellProps & { readonly name: string }): ReactElement | null {
  const cell = column?.cells[position.row];
  if (column === undefined) return null;
  if (cell === null || cell === undefined) {
    return (
      <GridMark
        role="gridcell"
        className="grid-cell"
        {...{ left, position, isActive, onFocus }}
        runId={null}
        text={`${name} is not in ${column.run_id}`}
        tone="neutral"
      />
    );
  }
  // The server gives reasons as they are in the store.
  const look = describeState(cell.state, cell.reason as RunReason | null);
  const took = cell.duration_ms === null ? "" : `, ${formatMs(cell.duration_ms)}`;
  return (
    <GridMark
      role="gridcell"
      className="grid-cell"
      {...{ left, position, isActive, onFocus }}
      runId={cell.run_id}
      text={`${name} in ${column.run_id}: ${look.label}${took}`}
      tone={look.tone}
      icon={look.icon}
    />
  );
}
