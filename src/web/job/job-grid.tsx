// Past runs as a grid: a column a run, a row a member. Only what is in sight exists, older runs load when the end comes near,
// arrows move, Enter opens.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactElement, type RefObject } from "react";
import { type Grid } from "../../api/job.ts";
import { type RunReason } from "../../core/run-state.ts";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { formatInstant, formatMs } from "../components/format-quantity.ts";
import { Skeleton } from "../components/skeleton.tsx";
import { describeState } from "../components/state-appearance.ts";
import { call, type ApiError } from "../queries/api-client.ts";
import { serverNowMs } from "../queries/server-clock.ts";
import { GridMark } from "./grid-mark.tsx";
import { mergeGrid, moveInGrid, type GridColumn, type MergedGrid } from "./merge-grid.ts";

const cellSize = 28;
const headHeight = 56;

/** Of a pipeline with its members, of a job with itself alone. */
export function JobGrid({ jobName }: { readonly jobName: string }): ReactElement {
  const grid = useInfiniteQuery<Grid, ApiError, { pages: Grid[] }, readonly unknown[], string | null>({
    queryKey: ["showGrid", jobName, "pages"],
    queryFn: ({ pageParam, signal }) =>
      call("showGrid", {
        params: { job_name: jobName },
        query: { limit: 60, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: 30_000,
  });
  const merged = useMemo(() => mergeGrid(grid.data?.pages ?? []), [grid.data]);
  if (grid.error !== null && grid.data === undefined)
    return <ErrorState error={grid.error} retry={() => void grid.refetch()} />;
  if (grid.data === undefined) return <Skeleton lines={8} label="Loading past runs" />;
  if (merged.columns.length === 0) {
    return (
      <EmptyState title={`${jobName} has not run yet`} icon="runs" commands={[`millrace start ${jobName}`]}>
        Each run becomes a column here, with its jobs below each other.
      </EmptyState>
    );
  }
  const loadMore = (): void => {
    if (grid.hasNextPage && !grid.isFetchingNextPage) void grid.fetchNextPage();
  };
  return <GridCanvas jobName={jobName} grid={merged} onNearEnd={loadMore} />;
}

interface GridCanvasProps {
  readonly jobName: string;
  readonly grid: MergedGrid;
  readonly onNearEnd: () => void;
}

function GridCanvas({ jobName, grid, onNearEnd }: GridCanvasProps): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const namesWidth = useNamesWidth(scroller);
  const rows = useVirtualizer({
    count: grid.jobNames.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => cellSize,
    scrollPaddingStart: headHeight,
    overscan: 6,
  });
  const columns = useVirtualizer({
    horizontal: true,
    count: grid.columns.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => cellSize,
    scrollPaddingStart: namesWidth,
    overscan: 8,
  });
  const lastColumn = columns.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastColumn >= grid.columns.length - 10) onNearEnd();
  }, [lastColumn, grid.columns.length, onNearEnd]);
  const { at, onKeyDown, setAt } = useGridKeys(grid, scroller, rows, columns);
  const longestMs = Math.max(1, ...grid.columns.map((column) => column.duration_ms ?? 0));
  return (
    <div
      ref={scroller}
      className="grid-scroll"
      role="grid"
      aria-label={`Past runs of ${jobName}`}
      aria-rowcount={grid.jobNames.length + 1}
      aria-colcount={grid.columns.length + 1}
      onKeyDown={onKeyDown}
    >
      <div
        role="presentation"
        className="grid-canvas"
        style={{ width: namesWidth + columns.getTotalSize(), height: headHeight + rows.getTotalSize() }}
      >
        <div role="row" aria-rowindex={1} className="grid-head">
          <span role="columnheader" className="grid-name" style={{ width: namesWidth, height: headHeight }}>
            Newest first
          </span>
          {columns.getVirtualItems().map(({ index, start }) => (
            <RunHead
              key={index}
              column={grid.columns[index]}
              left={namesWidth + start}
              longestMs={longestMs}
              position={{ row: -1, column: index }}
              isActive={at.row === -1 && at.column === index}
              onFocus={setAt}
            />
          ))}
        </div>
        {rows.getVirtualItems().map((row) => (
          <div
            key={row.index}
            role="row"
            aria-rowindex={row.index + 2}
            className="grid-row"
            style={{ top: headHeight + row.start }}
          >
            <span role="rowheader" className="grid-name" style={{ width: namesWidth }} title={grid.jobNames[row.index]}>
              {grid.jobNames[row.index]}
            </span>
            {columns.getVirtualItems().map(({ index, start }) => (
              <MemberCell
                key={index}
                column={grid.columns[index]}
                name={grid.jobNames[row.index] ?? ""}
                left={namesWidth + start}
                position={{ row: row.index, column: index }}
                isActive={at.row === row.index && at.column === index}
                onFocus={setAt}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

interface Position {
  readonly row: number;
  readonly column: number;
}

interface CellProps {
  readonly column: GridColumn | undefined;
  readonly left: number;
  readonly position: Position;
  readonly isActive: boolean;
  readonly onFocus: (position: Position) => void;
}

function RunHead({
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

function MemberCell({
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

// One cell can be reached by Tab.
function useGridKeys(
  grid: MergedGrid,
  scroller: RefObject<HTMLDivElement | null>,
  rows: Virtualizer<HTMLDivElement, Element>,
  columns: Virtualizer<HTMLDivElement, Element>,
): {
  readonly at: Position;
  readonly setAt: (position: Position) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
} {
  const [at, setAt] = useState<Position>({ row: -1, column: 0 });
  const navigate = useNavigate();
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" || event.key === " ") {
      const column = grid.columns[at.column];
      const runId = at.row === -1 ? column?.run_id : column?.cells[at.row]?.run_id;
      if (runId !== undefined) void navigate({ to: "/runs/$runId", params: { runId } });
      return;
    }
    const next = moveInGrid(event.key, at, { rows: grid.jobNames.length, columns: grid.columns.length });
    if (next === null) return;
    event.preventDefault();
    setAt(next);
    if (next.row >= 0) rows.scrollToIndex(next.row);
    columns.scrollToIndex(next.column);
    // It may have to be rendered first.
    requestAnimationFrame(() =>
      scroller.current
        ?.querySelector<HTMLElement>(`[data-at="${next.row}:${next.column}"]`)
        ?.focus({ preventScroll: true }),
    );
  };
  return { at, setAt, onKeyDown };
}

function useNamesWidth(scroller: RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(200);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth < 520 ? 116 : 200));
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller]);
  return width;
}
