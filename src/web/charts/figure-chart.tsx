// One business figure run by run, with its thresholds as lines. Values outside are triangles. A point leads to its run; the
// table below it holds the newest values for people who use no pointer.
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import "./charts.css";
import type { JobMetric, MetricValue } from "../../api/figure.ts";
import { describeBounds, formatMetricName } from "../../core/metric/metric.ts";
import { formatInstant } from "../components/values/format-quantity.ts";
import { serverNowMs } from "../queries/server-clock.ts";
import { placePoints, placeValue, scaleOf, type FigurePoint, type FigureScale } from "./figure-points.ts";
import { FigureTable, formatFigure } from "./figure-table.tsx";

const width = 480;
const height = 180;
const left = 64;
const bottom = 10;

export interface FigureChartProps {
  readonly metric: JobMetric;
  /** Newest first. */
  readonly values: readonly MetricValue[];
}

export function FigureChart({ metric, values }: FigureChartProps): ReactElement {
  const scale = scaleOf(values, metric);
  const expected = describeBounds({ min: metric.min ?? undefined, max: metric.max ?? undefined });
  const outside = values.filter(({ breach }) => breach !== null).length;
  return (
    <figure className="chart">
      <figcaption>
        <span className="chart-title">{metric.name}</span>{" "}
        <span className="muted">
          {[metric.unit, expected === "" ? null : `expected ${expected}`, outside === 0 ? null : `${outside} outside`]
            .filter((part) => part !== null)
            .join(", ")}
        </span>
      </figcaption>
      <svg className="scatter" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        <Scale scale={scale} />
        <Bounds metric={metric} scale={scale} />
        <Points points={placePoints(values, scale)} />
      </svg>
      <FigureTable label={`Newest values of ${metric.name}`} values={values.slice(0, shownValues)} />
    </figure>
  );
}

const shownValues = 5;

function xOf(share: number): number {
  return left + 8 + share * (width - left - 24);
}

function yOf(share: number): number {
  return 10 + (1 - share) * (height - bottom - 20);
}

function Scale({ scale }: { readonly scale: FigureScale }): ReactElement {
  return (
    <>
      {scale.ticks.map((tick) => {
        const y = yOf(placeValue(tick, scale));
        return (
          <g key={tick}>
            <line className="scatter-line" x1={left} x2={width - 8} y1={y} y2={y} />
            <text className="scatter-label" x={left - 8} y={y + 4} textAnchor="end">
              {formatFigure(tick)}
            </text>
          </g>
        );
      })}
    </>
  );
}

function Bounds({ metric, scale }: { readonly metric: JobMetric; readonly scale: FigureScale }): ReactElement {
  const bounds = [metric.min, metric.max].filter((bound) => bound !== null);
  return (
    <>
      {bounds.map((bound) => {
        const y = yOf(placeValue(bound, scale));
        return <line key={bound} className="figure-bound" x1={left} x2={width - 8} y1={y} y2={y} />;
      })}
    </>
  );
}

// Values of other labels are figures of their own, so only those of the same labels are joined.
function Points({ points }: { readonly points: readonly FigurePoint[] }): ReactElement {
  const navigate = useNavigate();
  const series = Map.groupBy(points, ({ value }) => formatMetricName(value));
  return (
    <>
      {[...series].map(([name, line]) => (
        <polyline
          key={name}
          className="figure-line"
          points={line.map(({ x, y }) => `${xOf(x).toFixed(1)},${yOf(y).toFixed(1)}`).join(" ")}
        />
      ))}
      {points.map(({ value, x, y }) => (
        <path
          key={`${value.run_id} ${formatMetricName(value)}`}
          className="scatter-point"
          data-tone={value.breach === null ? "good" : value.breach === "fail" ? "bad" : "warn"}
          d={value.breach === null ? circlePath : trianglePath}
          transform={`translate(${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)})`}
          onClick={() => void navigate({ to: "/runs/$runId", params: { runId: value.run_id } })}
        >
          <title>{`${value.run_id} · ${formatMetricName(value)} ${formatFigure(value.value)} · ${formatInstant(value.at, serverNowMs())}`}</title>
        </path>
      ))}
    </>
  );
}

const circlePath = "M3.5 0A3.5 3.5 0 1 1-3.5 0A3.5 3.5 0 1 1 3.5 0Z";
const trianglePath = "M0-5L5 4H-5Z";
