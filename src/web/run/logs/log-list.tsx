// The lines of a log that are in sight. It stays at the end while it follows, and where it was while lines come before.
import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, type ReactElement } from "react";
import type { LogLine } from "../../../api/run.ts";
import { LogRow } from "./log-row.tsx";
import type { Log } from "./use-log.ts";

export interface LogListProps {
  readonly label: string;
  readonly log: Log;
  readonly search: string;
  readonly target: string | undefined;
  readonly hasTime: boolean;
  readonly hasJob: boolean;
  readonly isWrapped: boolean;
  /** Whether following may begin again at the end. */
  readonly canFollow: boolean;
  readonly onPick: (line: LogLine) => void;
}

const rowHeight = 24;
/** Nearer to an edge than this, the next page is asked for. */
const nearPixels = 400;

export function LogList(props: LogListProps): ReactElement {
  const { label, log, search, target, hasTime, hasJob, isWrapped, onPick } = props;
  const { lines, shift } = log.window;
  const ref = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => ref.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => lines[index]?.cursor ?? index,
    overscan: 20,
  });
  useKeepPlace(ref, shift, log.isFollowing);
  useScrolling(virtualizer, props);
  const onScroll = (): void => {
    if (ref.current !== null) loadAround(ref.current, props);
  };
  return (
    <div
      ref={ref}
      className="log-lines log-scroll"
      data-wrap={isWrapped}
      role="log"
      aria-live="off"
      aria-label={label}
      tabIndex={0}
      onScroll={onScroll}
    >
      <div className="log-sheet" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index];
          return line === undefined ? null : (
            <div
              key={key}
              ref={isWrapped ? virtualizer.measureElement : undefined}
              data-index={index}
              className="log-place"
              style={{ transform: `translateY(${start}px)` }}
            >
              <LogRow
                line={line}
                search={search}
                hasTime={hasTime}
                hasJob={hasJob}
                isTarget={line.cursor === target}
                onPick={onPick}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

// Goes to the end while the log is followed, and once to the line that the address points at.
function useScrolling(
  virtualizer: Virtualizer<HTMLDivElement, Element>,
  { log, target, isWrapped }: Pick<LogListProps, "log" | "target" | "isWrapped">,
): void {
  const { lines } = log.window;
  const shownTarget = useRef<string | undefined>(undefined);
  const last = lines.at(-1)?.cursor;
  useEffect(() => {
    virtualizer.measure();
  }, [virtualizer, isWrapped]);
  useLayoutEffect(() => {
    if (log.isFollowing && last !== undefined) virtualizer.scrollToIndex(lines.length - 1, { align: "end" });
  }, [virtualizer, log.isFollowing, last, lines.length]);
  useLayoutEffect(() => {
    const index = target === undefined ? -1 : lines.findIndex(({ cursor }) => cursor === target);
    if (index === -1 || shownTarget.current === target) return;
    shownTarget.current = target;
    virtualizer.scrollToIndex(index, { align: "center" });
  }, [virtualizer, target, lines]);
}

function loadAround(element: HTMLElement, { log, canFollow, target }: LogListProps): void {
  const below = element.scrollHeight - element.scrollTop - element.clientHeight;
  if (element.scrollTop < nearPixels) log.loadBefore();
  if (log.isFollowing) {
    if (below > nearPixels) log.setFollowing(false);
    return;
  }
  if (below < nearPixels) log.loadAfter();
  if (canFollow && below < 2 && !log.window.hasAfter && target === undefined) log.setFollowing(true);
}

// Lines that come before, or are let go there, must not move what is being read.
function useKeepPlace(ref: { readonly current: HTMLDivElement | null }, shift: number, isFollowing: boolean): void {
  const before = useRef(shift);
  useLayoutEffect(() => {
    const moved = shift - before.current;
    before.current = shift;
    if (moved !== 0 && !isFollowing && ref.current !== null) ref.current.scrollTop += moved * rowHeight;
  }, [ref, shift, isFollowing]);
}
