// Past runs as a grid: a column a run, a row a member. Only what is in sight exists, older runs load when the end comes near,
// arrows move, Enter opens.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer, type VirtualItem, type Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactElement, type RefObject } from "react";
import { type Grid } from "../../api/job.ts";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { call } from "../queries/api-client.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import { MemberCell, RunHead, type CellProps, type GridPosition } from "./grid-cells.tsx";
import { mergeGrid, moveInGrid, type MergedGrid } from "./merge-grid.ts";

const cellSize = 28;
const headHeight = 56;

/** The grid of a pipeline shows its members, that of a job the job alone. */
export function JobGrid({ jobName }: { readonly jobName: string }): ReactElement {
  const grid = useInfiniteQuery<Grid, MillraceError, { pages: Grid[] }, readonly unknown[], string | null>({
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
  const { rows, columns } = useGridWindow(grid, scroller, namesWidth);
  const shown = columns.getVirtualItems();
  const lastColumn = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastColumn >= grid.columns.length - 10) onNearEnd();
  }, [lastColumn, grid.columns.length, onNearEnd]);
  const { at, onKeyDown, setAt } = useGridKeys(grid, scroller, rows, columns);
  const longestMs = Math.max(1, ...grid.columns.map((column) => column.duration_ms ?? 0));
  const cellAt = (row: number, { index, start }: VirtualItem): CellProps & { readonly key: number } => ({
    key: index,
    column: grid.columns[index],
    left: start,
    position: { row, column: index },
    isActive: at.row === row && at.column === index,
    onFocus: setAt,
  });
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
        style={{ width: columns.getTotalSize(), height: rows.getTotalSize() }}
      >
        <div role="row" aria-rowindex={1} className="grid-head">
          <span role="columnheader" className="grid-name" style={{ width: namesWidth, height: headHeight }}>
            Newest first
          </span>
          {shown.map((item) => {
            const { key, ...cell } = cellAt(-1, item);
            return <RunHead key={key} {...cell} longestMs={longestMs} />;
          })}
        </div>
        {rows.getVirtualItems().map((row) => (
          <div key={row.index} role="row" aria-rowindex={row.index + 2} className="grid-row" style={{ top: row.start }}>
            <span role="rowheader" className="grid-name" style={{ width: namesWidth }} title={grid.jobNames[row.index]}>
              {grid.jobNames[row.index]}
            </span>
            {shown.map((item) => {
              const { key, ...cell } = cellAt(row.index, item);
              return <MemberCell key={key} {...cell} name={grid.jobNames[row.index] ?? ""} />;
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

interface GridWindow {
  readonly rows: Virtualizer<HTMLDivElement, Element>;
  readonly columns: Virtualizer<HTMLDivElement, Element>;
}

// Head and names stay in sight, so that what is scrolled to must not be below them.
function useGridWindow(grid: MergedGrid, scroller: RefObject<HTMLDivElement | null>, namesWidth: number): GridWindow {
  const rows = useVirtualizer({
    count: grid.jobNames.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => cellSize,
    paddingStart: headHeight,
    scrollPaddingStart: headHeight,
    overscan: 6,
  });
  const columns = useVirtualizer({
    horizontal: true,
    count: grid.columns.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => cellSize,
    paddingStart: namesWidth,
    scrollPaddingStart: namesWidth,
    overscan: 8,
  });
  return { rows, columns };
}

// One cell can be reached by Tab.
function useGridKeys(
  grid: MergedGrid,
  scroller: RefObject<HTMLDivElement | null>,
  rows: Virtualizer<HTMLDivElement, Element>,
  columns: Virtualizer<HTMLDivElement, Element>,
): {
  readonly at: GridPosition;
  readonly setAt: (position: GridPosition) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
} {
  const [at, setAt] = useState<GridPosition>({ row: -1, column: 0 });
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
