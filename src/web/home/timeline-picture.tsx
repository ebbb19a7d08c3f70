// The timeline as a picture: a row a job, a bar a run, a dashed box a fire to come, a line for now.
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type ReactElement } from "react";
import type { Timeline } from "../../api/control.ts";
import { formatClock, formatMs } from "../components/values/format-quantity.ts";
import { describeState } from "../components/values/state-appearance.ts";
import { listMarks, toX, type TimeRange } from "./timeline-scale.ts";

export interface TimelinePictureProps {
  readonly timeline: Timeline;
  /** A row each, from the top. */
  readonly names: readonly string[];
  readonly range: TimeRange;
  readonly nowMs: number;
}

const rowHeight = 24;
const axisHeight = 22;
const minBarWidth = 3;

/** As wide as its place. */
export function TimelinePicture(props: TimelinePictureProps): ReactElement {
  const { timeline, names } = props;
  const [ref, width] = useWidth();
  return (
    <div className="timeline card">
      <ul className="timeline-names" aria-label="Jobs of the timeline">
        {names.map((name) => (
          <li key={name}>
            <Link to="/jobs/$jobName" params={{ jobName: name }} className="truncate">
              {name}
            </Link>
          </li>
        ))}
      </ul>
      <div ref={ref} className="timeline-picture">
        <svg
          width={width}
          height={names.length * rowHeight + axisHeight}
          role="img"
          aria-label={`${timeline.bars.length} runs and ${timeline.fires.length} fires to come; “As a list” names them`}
        >
          {names.map((name, index) => (
            <rect key={name} className="timeline-row" y={index * rowHeight} width={width} height={rowHeight - 1} />
          ))}
          <Axis {...props} width={width} />
          <Fires {...props} width={width} />
          <Bars {...props} width={width} />
          <NowLine {...props} width={width} />
        </svg>
      </div>
    </div>
  );
}

type PartProps = TimelinePictureProps & { readonly width: number };

function Axis({ names, range, nowMs, width }: PartProps): ReactElement {
  const bottom = names.length * rowHeight;
  const offsetMs = -new Date(range.fromMs).getTimezoneOffset() * 60_000;
  const nowX = toX(nowMs, range, width);
  return (
    <>
      {listMarks(range, width, 72, offsetMs).map((atMs) => {
        const x = toX(atMs, range, width);
        // The word "now" and a time would lie over each other.
        const isNearNow = x > nowX - 24 && x < nowX + 48;
        return (
          <g key={atMs} transform={`translate(${x.toFixed(1)} 0)`}>
            <line className="timeline-mark" y2={bottom} />
            {isNearNow ? null : (
              <text className="timeline-time" y={bottom + 16}>
                {formatClock(atMs)}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}

function NowLine({ names, range, nowMs, width }: PartProps): ReactElement {
  const bottom = names.length * rowHeight;
  return (
    <g transform={`translate(${toX(nowMs, range, width).toFixed(1)} 0)`}>
      <line className="timeline-now" y2={bottom + 4} />
      <text className="timeline-now-text" x={4} y={bottom + 16}>
        now
      </text>
    </g>
  );
}

function Fires({ timeline, names, range, width }: PartProps): ReactElement {
  return (
    <>
      {timeline.fires.map(({ job_name: name, at, expected_ms: expectedMs }) => {
        const place = placeOf(names.indexOf(name), Date.parse(at), Date.parse(at) + (expectedMs ?? 0), range, width);
        if (place === undefined) return null;
        const expected = expectedMs === null ? "" : `, expected to take ${formatMs(expectedMs)}`;
        return (
          <rect
            key={`${name}:${at}`}
            className="timeline-fire"
            {...place}
            y={place.y + 1}
            height={place.height - 2}
            rx={2}
          >
            <title>{`${name} at ${formatClock(at)}${expected}`}</title>
          </rect>
        );
      })}
    </>
  );
}

function Bars({ timeline, names, range, nowMs, width }: PartProps): ReactElement {
  const navigate = useNavigate();
  return (
    <>
      {timeline.bars.map(({ run_id: runId, job_name: name, state, from, to }) => {
        const fromMs = Date.parse(from);
        const toMs = to === null ? nowMs : Date.parse(to);
        const place = placeOf(names.indexOf(name), fromMs, toMs, range, width);
        if (place === undefined) return null;
        const { label, tone } = describeState(state);
        return (
          <rect
            key={runId}
            className="timeline-bar"
            data-tone={tone}
            data-state={state}
            {...place}
            rx={2}
            onClick={() => void navigate({ to: "/runs/$runId", params: { runId } })}
          >
            <title>{`${runId} of ${name} · ${label} · ${formatClock(from)} · ${formatMs(toMs - fromMs)}`}</title>
          </rect>
        );
      })}
    </>
  );
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Undefined outside of what is shown. */
function placeOf(row: number, fromMs: number, toMs: number, range: TimeRange, width: number): Place | undefined {
  if (row < 0 || toMs < range.fromMs || fromMs > range.toMs) return undefined;
  const x = toX(fromMs, range, width);
  return {
    x,
    y: row * rowHeight + 4,
    width: Math.max(minBarWidth, toX(toMs, range, width) - x),
    height: rowHeight - 10,
  };
}

function useWidth(): readonly [(element: HTMLDivElement | null) => void, number] {
  const [width, setWidth] = useState(800);
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  useEffect(() => {
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(120, Math.floor(entry.contentRect.width)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width];
}
