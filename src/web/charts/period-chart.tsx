// A figure by period: what is known is a dot, joined where its neighbours are known; what is not known is a question mark on the ground line,
// and what is not over is hollow. A click shows a period; keys do so by the list of periods beside it.
import type { ReactElement } from "react";
import "./charts.css";
import { createRoundScale } from "./round-scale.ts";

export interface PeriodPoint {
  readonly label: string;
  readonly value: number | null;
  readonly isComplete: boolean;
}

export interface PeriodChartProps {
  /** Oldest first. */
  readonly points: readonly PeriodPoint[];
  readonly unit: string;
  readonly format: (value: number | null) => string;
  readonly formatTick: (value: number) => string;
  readonly shown: number;
  readonly onPick: (index: number) => void;
}

const width = 640;
const height = 200;
const left = 76;
const right = 12;
const top = 12;
const bottom = 16;

/** Hidden from people who hear the page: a table says the same. */
export function PeriodChart({ points, unit, format, formatTick, shown, onPick }: PeriodChartProps): ReactElement {
  const scale = createRoundScale(
    points.map(({ value }) => value),
    unit,
  );
  const step = (width - left - right) / Math.max(1, points.length);
  const xOf = (index: number): number => left + step * (index + 0.5);
  const yOf = (value: number): number => top + (1 - value / scale.max) * (height - top - bottom);
  return (
    <svg className="scatter" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line className="scatter-line" x1={left} x2={width - right} y1={yOf(tick)} y2={yOf(tick)} />
          <text className="scatter-label" x={left - 8} y={yOf(tick) + 4} textAnchor="end">
            {tick === 0 ? "0" : formatTick(tick)}
          </text>
        </g>
      ))}
      {shown < 0 ? null : (
        <rect className="period-shown" x={left + step * shown} y={top} width={step} height={height - top - bottom} />
      )}
      {splitKnown(points).map((line) => (
        <polyline
          key={line[0]}
          className="figure-line"
          points={line
            .map((index) => `${xOf(index).toFixed(1)},${yOf(points[index]?.value ?? 0).toFixed(1)}`)
            .join(" ")}
        />
      ))}
      {points.map(({ label, value, isComplete }, index) => (
        <g key={label}>
          {value === null ? (
            <text className="scatter-label" x={xOf(index)} y={height - bottom - 4} textAnchor="middle">
              ?
            </text>
          ) : (
            <circle
              className={isComplete ? "period-point" : "period-point period-open"}
              cx={xOf(index)}
              cy={yOf(value)}
              r={Math.min(4, Math.max(2.5, step / 4))}
            />
          )}
          <rect
            className="period-target"
            x={left + step * index}
            y={0}
            width={step}
            height={height}
            onClick={() => onPick(index)}
          >
            <title>{`${label}: ${format(value)}${isComplete ? "" : ", not over"}`}</title>
          </rect>
        </g>
      ))}
    </svg>
  );
}

/** Runs of neighbours that are known, as their places. */
function splitKnown(points: readonly PeriodPoint[]): readonly (readonly number[])[] {
  const lines: number[][] = [];
  for (const [index, { value }] of points.entries()) {
    if (value === null) continue;
    const last = lines.at(-1);
    if (last?.at(-1) === index - 1) last.push(index);
    else lines.push([index]);
  }
  return lines;
}
