// Draws the rows of a Gantt chart. Only rows in sight exist; each says in words what its bars show.
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, type ReactElement } from "react";
import { formatInstant, formatMs } from "../../components/values/format-quantity.ts";
import { Icon } from "../../components/values/icon.tsx";
import { describeState } from "../../components/values/state-appearance.ts";
import { listTicks, toShare, type TimeAxis } from "./compress-idle.ts";
import { describeAttemptEnd } from "../describe-attempt-end.ts";
import type { GanttBar, GanttChart as Chart, GanttRow } from "./gantt-rows.ts";

export interface GanttChartProps {
  readonly label: string;
  readonly chart: Chart;
  readonly axis: TimeAxis;
}

const rowHeight = 32;

export function GanttChart({ label, chart, axis }: GanttChartProps): ReactElement {
  const ref = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: chart.rows.length,
    getScrollElement: () => ref.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => chart.rows[index]?.node.run_id ?? index,
    overscan: 10,
  });
  return (
    <div ref={ref} className="gantt-scroll" role="region" aria-label={label} tabIndex={0}>
      <AxisLine axis={axis} />
      <ul className="gantt-rows" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const row = chart.rows[index];
          return row === undefined ? null : (
            <li
              key={key}
              className="gantt-row"
              data-critical={row.isCritical}
              style={{ transform: `translateY(${start}px)` }}
            >
              <RowName row={row} />
              <span className="gantt-track">
                <Cuts axis={axis} />
                {row.bars.map((bar, position) => (
                  <Bar key={position} bar={bar} axis={axis} row={row} />
                ))}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function AxisLine({ axis }: { readonly axis: TimeAxis }): ReactElement {
  const ticks = useMemo(() => listTicks(axis, 0.12), [axis]);
  const spanMs = axis.toMs - axis.fromMs;
  return (
    <div className="gantt-axis" aria-hidden="true">
      <span className="gantt-track">
        {ticks.map(({ atMs, share }) => (
          <span key={atMs} className="gantt-tick number" style={{ insetInlineStart: toPercent(share) }}>
            {formatTick(atMs, spanMs, axis.toMs)}
          </span>
        ))}
      </span>
    </div>
  );
}

function Cuts({ axis }: { readonly axis: TimeAxis }): ReactElement {
  return (
    <>
      {axis.segments
        .filter(({ isCut }) => isCut)
        .map(({ fromMs, toMs, fromShare, toShare: endShare }) => (
          <span
            key={fromMs}
            className="gantt-cut"
            title={`${formatMs(toMs - fromMs)} in which nothing executed`}
            style={{ insetInlineStart: toPercent(fromShare), width: toPercent(endShare - fromShare) }}
          />
        ))}
    </>
  );
}

function RowName({ row: { node, isCritical, bars } }: { readonly row: GanttRow }): ReactElement {
  const { label, icon, tone } = describeState(node.state, node.reason);
  return (
    <span className="gantt-name">
      <span className="gantt-state" data-tone={tone} title={label}>
        <Icon name={icon} size={14} />
      </span>
      <Link to="/runs/$runId" params={{ runId: node.run_id }} title={node.job_name}>
        {node.job_name}
      </Link>
      <span className="only-read">
        {label}
        {isCritical ? ", made the whole last" : ""}
        {bars.map((bar) => `, ${describeBar(bar)}`)}
      </span>
    </span>
  );
}

function Bar({
  bar,
  axis,
  row,
}: {
  readonly bar: GanttBar;
  readonly axis: TimeAxis;
  readonly row: GanttRow;
}): ReactElement {
  const from = toShare(axis, bar.fromMs);
  const width = toShare(axis, bar.toMs) - from;
  const { tone } = describeState(row.node.state, row.node.reason);
  const isLast = bar === row.bars.at(-1);
  return (
    <span
      className="gantt-bar"
      data-kind={bar.kind}
      data-tone={bar.kind === "run" ? (isLast ? tone : describeAttemptEnd(bar.end).tone) : "waiting"}
      data-open={bar.isOpen}
      aria-hidden="true"
      title={describeBar(bar)}
      style={{ insetInlineStart: toPercent(from), width: toPercent(width) }}
    />
  );
}

function describeBar({ kind, attempt, fromMs, toMs, isOpen, end }: GanttBar): string {
  const ms = formatMs(toMs - fromMs);
  if (kind === "queue") return `waited ${ms} for a worker`;
  if (kind === "retry") return `waited ${ms} for attempt ${attempt}`;
  return isOpen
    ? `attempt ${attempt} executes for ${ms}`
    : `attempt ${attempt}: ${ms}, ${describeAttemptEnd(end).text}`;
}

function formatTick(atMs: number, spanMs: number, nowMs: number): string {
  const [day = "", clock = ""] = formatInstant(atMs, nowMs).split(", ");
  return spanMs > 24 * 3_600_000 ? `${day} ${clock.slice(0, 5)}` : spanMs > 20 * 60_000 ? clock.slice(0, 5) : clock;
}

function toPercent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}
