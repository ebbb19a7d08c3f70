// Every run of a sample as a point: when it ended, how long it took (logarithmic), how it ended. Shapes tell outcomes apart.
// A click opens the run; the table beside it holds the same for people who use no pointer.
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type Metrics } from "../../api/job.ts";
import { formatInstant, formatMs } from "../components/values/format-quantity.ts";
import { serverNowMs } from "../queries/server-clock.ts";
import { createLogScale } from "./log-scale.ts";

const width = 960;
const height = 240;
const left = 72;
const bottom = 24;

/** Points of all runs in `metrics.scatter`. */
export function DurationScatter({ metrics }: { readonly metrics: Metrics }): ReactElement {
  const navigate = useNavigate();
  const scale = createLogScale(metrics.scatter.map((point) => point.duration_ms));
  const sinceMs = Date.parse(metrics.since);
  const spanMs = Math.max(1, Date.parse(metrics.until) - sinceMs);
  const x = (atMs: number): number => left + ((atMs - sinceMs) / spanMs) * (width - left - 8);
  const y = (durationMs: number): number => 8 + (1 - scale.position(durationMs)) * (height - bottom - 16);
  const failed = metrics.scatter.filter((point) => point.state === "ERROR").length;
  return (
    <figure className="chart chart-wide">
      <figcaption>
        <span className="chart-title">Durations</span>{" "}
        <span className="muted">
          {metrics.scatter.length} runs, {failed} of them failed (triangles); the scale is logarithmic
        </span>
      </figcaption>
      <svg className="scatter" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        {scale.ticks.map((tick) => (
          <g key={tick}>
            <line className="scatter-line" x1={left} x2={width - 8} y1={y(tick)} y2={y(tick)} />
            <text className="scatter-label" x={left - 8} y={y(tick) + 4} textAnchor="end">
              {formatMs(tick)}
            </text>
          </g>
        ))}
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <text
            key={share}
            className="scatter-label"
            x={x(sinceMs + share * spanMs)}
            y={height - 6}
            textAnchor={anchorOf(share)}
          >
            {formatInstant(sinceMs + share * spanMs, serverNowMs(), "minute")}
          </text>
        ))}
        {metrics.scatter.map((point) => (
          <path
            key={point.run_id}
            className="scatter-point"
            data-tone={point.state === "ERROR" ? "bad" : "good"}
            d={point.state === "ERROR" ? trianglePath : circlePath}
            transform={`translate(${x(Date.parse(point.at)).toFixed(1)} ${y(point.duration_ms).toFixed(1)})`}
            onClick={() => void navigate({ to: "/runs/$runId", params: { runId: point.run_id } })}
          >
            <title>
              {`${point.run_id} · ${point.job_name} · ${formatMs(point.duration_ms)} · ${point.state.toLowerCase()} · ${formatInstant(point.at, serverNowMs())}`}
            </title>
          </path>
        ))}
      </svg>
    </figure>
  );
}

const circlePath = "M3.5 0A3.5 3.5 0 1 1-3.5 0A3.5 3.5 0 1 1 3.5 0Z";
const trianglePath = "M0-5L5 4H-5Z";

function anchorOf(share: number): "start" | "middle" | "end" {
  return share === 0 ? "start" : share === 1 ? "end" : "middle";
}
