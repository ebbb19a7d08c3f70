// The past and the next hours: a row a job, a bar a run, a tick a fire to come, a line for now. The same as a list for readers.
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState, type ReactElement } from "react";
import type { Timeline as TimelineAnswer } from "../../api/control.ts";
import { formatClock, formatMs } from "../components/format-quantity.ts";
import { Icon } from "../components/icon.tsx";
import { describeState } from "../components/state-appearance.ts";
import { StateBadge } from "../components/state-badge.tsx";
import { Elapsed, Instant } from "../components/time.tsx";
import { useServerNow } from "../queries/server-clock.ts";
import { listMarks, moveRange, toX, zoomRange, type TimeRange } from "./timeline-scale.ts";

const rowHeight = 22;
const axisHeight = 22;
const fewRows = 8;
const maxListed = 100;

/** Zoom and move stay within what was loaded. */
export function Timeline({ timeline }: { readonly timeline: TimelineAnswer }): ReactElement {
  const limits = useMemo(
    () => ({ fromMs: Date.parse(timeline.from), toMs: Date.parse(timeline.to) }),
    [timeline.from, timeline.to],
  );
  const [chosen, setChosen] = useState<TimeRange>();
  const [isList, setList] = useState(false);
  const [isAll, setAll] = useState(false);
  const nowMs = useServerNow();
  // Minutes are enough for a picture of hours.
  const shownNowMs = Math.floor(nowMs / 60_000) * 60_000;
  const range = chosen === undefined ? limits : moveRange(chosen, 0, limits);
  const names = useMemo(() => namesByNewest(timeline), [timeline]);
  const shown = isAll ? names : names.slice(0, fewRows);
  const zoom = (factor: number): void => setChosen(zoomRange(range, factor, Math.min(shownNowMs, range.toMs), limits));
  return (
    <section className="section" aria-labelledby="timeline-title">
      <div className="section-head">
        <h2 id="timeline-title">Past and next 12 hours</h2>
        <div className="button-group" role="group" aria-label="Timeline">
          <TimelineButton
            label="Earlier"
            icon="chevron"
            isFlipped
            onPress={() => setChosen(moveRange(range, -0.5, limits))}
          />
          <TimelineButton label="Later" icon="chevron" onPress={() => setChosen(moveRange(range, 0.5, limits))} />
          <TimelineButton label="Zoom in" icon="plus" onPress={() => zoom(0.5)} />
          <TimelineButton label="Zoom out" icon="minus" onPress={() => zoom(2)} />
          <button type="button" className="button button-quiet" aria-pressed={isList} onClick={() => setList(!isList)}>
            {isList ? "As a picture" : "As a list"}
          </button>
        </div>
        {timeline.truncated ? <span className="muted">only the newest 2,000 runs</span> : null}
      </div>
      {isList ? (
        <TimelineList timeline={timeline} />
      ) : (
        <>
          <TimelinePicture timeline={timeline} names={shown} range={range} nowMs={shownNowMs} />
          {names.length > fewRows ? (
            <button type="button" className="button button-quiet" onClick={() => setAll(!isAll)}>
              {isAll ? "Show fewer jobs" : `Show all ${names.length} jobs`}
            </button>
          ) : null}
        </>
      )}
    </section>
  );
}

function TimelineButton({ label, icon, isFlipped = false, onPress }: TimelineButtonProps): ReactElement {
  return (
    <button
      type="button"
      className={`button button-quiet button-square${isFlipped ? " flipped" : ""}`}
      aria-label={label}
      title={label}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}

interface TimelineButtonProps {
  readonly label: string;
  readonly icon: "chevron" | "plus" | "minus";
  readonly isFlipped?: boolean;
  readonly onPress: () => void;
}

interface PictureProps {
  readonly timeline: TimelineAnswer;
  readonly names: readonly string[];
  readonly range: TimeRange;
  readonly nowMs: number;
}

function TimelinePicture({ timeline, names, range, nowMs }: PictureProps): ReactElement {
  const navigate = useNavigate();
  const [ref, width] = useWidth();
  const height = names.length * rowHeight + axisHeight;
  const marks = listMarks(range, width, 72, -new Date(range.fromMs).getTimezoneOffset() * 60_000);
  const rowOf = new Map(names.map((name, index) => [name, index]));
  const isInRange = (fromMs: number, toMs: number): boolean => toMs >= range.fromMs && fromMs <= range.toMs;
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
          height={height}
          role="img"
          aria-label={`${timeline.bars.length} runs and ${timeline.fires.length} fires to come; “As a list” names them`}
        >
          {names.map((name, index) => (
            <rect key={name} className="timeline-row" y={index * rowHeight} width={width} height={rowHeight - 1} />
          ))}
          {marks.map((atMs) => (
            <g key={atMs} transform={`translate(${toX(atMs, range, width).toFixed(1)} 0)`}>
              <line className="timeline-mark" y2={height - axisHeight} />
              {isNear(toX(atMs, range, width), toX(nowMs, range, width)) ? null : (
                <text className="timeline-time" y={height - 6}>
                  {formatClock(atMs)}
                </text>
              )}
            </g>
          ))}
          {timeline.fires.map(({ job_name: name, at, expected_ms: expectedMs }) => {
            const row = rowOf.get(name);
            const atMs = Date.parse(at);
            if (row === undefined || !isInRange(atMs, atMs + (expectedMs ?? 0))) return null;
            return (
              <rect
                key={`${name}:${at}`}
                className="timeline-fire"
                x={toX(atMs, range, width)}
                y={row * rowHeight + 5}
                width={Math.max(3, toX(atMs + (expectedMs ?? 0), range, width) - toX(atMs, range, width))}
                height={rowHeight - 11}
                rx={2}
              >
                <title>{`${name} at ${formatClock(at)}${expectedMs === null ? "" : `, expected to take ${formatMs(expectedMs)}`}`}</title>
              </rect>
            );
          })}
          {timeline.bars.map(({ run_id: runId, job_name: name, state, from, to }) => {
            const row = rowOf.get(name);
            const fromMs = Date.parse(from);
            const toMs = to === null ? nowMs : Date.parse(to);
            if (row === undefined || !isInRange(fromMs, toMs)) return null;
            const x = toX(fromMs, range, width);
            return (
              <rect
                key={runId}
                className="timeline-bar"
                data-tone={describeState(state).tone}
                data-state={state}
                x={x}
                y={row * rowHeight + 4}
                width={Math.max(3, toX(toMs, range, width) - x)}
                height={rowHeight - 9}
                rx={2}
                onClick={() => void navigate({ to: "/runs/$runId", params: { runId } })}
              >
                <title>{`${runId} of ${name} · ${describeState(state).label} · ${formatClock(from)} · ${formatMs(toMs - fromMs)}`}</title>
              </rect>
            );
          })}
          <g transform={`translate(${toX(nowMs, range, width).toFixed(1)} 0)`}>
            <line className="timeline-now" y2={height - axisHeight + 4} />
            <text className="timeline-now-text" x={4} y={height - 6}>
              now
            </text>
          </g>
        </svg>
      </div>
    </div>
  );
}

function TimelineList({ timeline }: { readonly timeline: TimelineAnswer }): ReactElement {
  const bars = timeline.bars.toSorted((a, b) => Date.parse(b.from) - Date.parse(a.from)).slice(0, maxListed);
  const fires = timeline.fires.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)).slice(0, maxListed);
  return (
    <div className="timeline-lists">
      <div className="card scroll-x" tabIndex={0} role="group" aria-label="Runs, newest first">
        <h3>Runs</h3>
        <table className="plain">
          <thead>
            <tr>
              <th>Run</th>
              <th>Job</th>
              <th>State</th>
              <th>Began</th>
              <th>Took</th>
            </tr>
          </thead>
          <tbody>
            {bars.map(({ run_id: runId, job_name: name, state, from, to }) => (
              <tr key={runId}>
                <td>
                  <Link to="/runs/$runId" params={{ runId }}>
                    {runId}
                  </Link>
                </td>
                <td>{name}</td>
                <td>
                  <StateBadge state={state} look="plain" />
                </td>
                <td>
                  <Instant at={from} precision="minute" />
                </td>
                <td>
                  <Elapsed from={from} to={to} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="card scroll-x" tabIndex={0} role="group" aria-label="Fires to come">
        <h3>Fires to come</h3>
        <table className="plain">
          <thead>
            <tr>
              <th>At</th>
              <th>Job</th>
              <th>Expected</th>
            </tr>
          </thead>
          <tbody>
            {fires.map(({ job_name: name, at, expected_ms: expectedMs }) => (
              <tr key={`${name}:${at}`}>
                <td>
                  <Instant at={at} precision="minute" />
                </td>
                <td>{name}</td>
                <td>{expectedMs === null ? "unknown" : formatMs(expectedMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** Those that ran last come first, then those that will run first. */
function namesByNewest({ bars, fires }: TimelineAnswer): readonly string[] {
  const newestAtMs = new Map<string, number>();
  for (const { job_name: name, from } of bars) {
    newestAtMs.set(name, Math.max(newestAtMs.get(name) ?? 0, Date.parse(from)));
  }
  const ran = [...newestAtMs].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
  const due = fires.map(({ job_name: name }) => name).filter((name) => !newestAtMs.has(name));
  return [...ran, ...new Set(due)];
}

// The word "now" and a time would lie over each other.
function isNear(markX: number, nowX: number): boolean {
  return markX > nowX - 24 && markX < nowX + 48;
}

function useWidth(): readonly [(element: HTMLDivElement | null) => void, number] {
  const [width, setWidth] = useState(800);
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const observer = useRef<ResizeObserver>(undefined);
  useEffect(() => {
    if (element === null) return;
    observer.current = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(120, Math.floor(entry.contentRect.width)));
    });
    observer.current.observe(element);
    return () => observer.current?.disconnect();
  }, [element]);
  return [setElement, width];
}
