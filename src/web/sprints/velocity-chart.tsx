// What sprints of a board committed to and completed, as pairs of bars, with the velocity as a line. A click goes to a sprint.
import type { ReactElement } from "react";
import "../charts/charts.css";
import type { Sprint } from "../../api/delivery/sprint.ts";
import { createRoundScale } from "../charts/round-scale.ts";
import { formatNumber } from "../delivery/figure-words.ts";

export interface VelocityChartProps {
  /** Oldest first. */
  readonly sprints: readonly Sprint[];
  readonly shown: number | undefined;
  readonly onPick: (sprintId: number) => void;
}

const width = 640;
const height = 200;
const left = 56;
const right = 12;
const top = 12;
const bottom = 12;

/** The table of sprints says the same to people who hear the page. */
export function VelocityChart({ sprints, shown, onPick }: VelocityChartProps): ReactElement {
  const scale = createRoundScale(
    sprints.flatMap(({ points, velocity_points: velocity }) => [points.committed, points.completed, velocity]),
    "points",
  );
  const step = (width - left - right) / Math.max(1, sprints.length);
  const yOf = (points: number): number => top + (1 - points / scale.max) * (height - top - bottom);
  const bar = Math.min(28, step * 0.36);
  const known = sprints.flatMap(({ velocity_points: velocity }, index) =>
    velocity === null ? [] : [`${(left + step * (index + 0.5)).toFixed(1)},${yOf(velocity).toFixed(1)}`],
  );
  return (
    <svg className="scatter" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line className="scatter-line" x1={left} x2={width - right} y1={yOf(tick)} y2={yOf(tick)} />
          <text className="scatter-label" x={left - 8} y={yOf(tick) + 4} textAnchor="end">
            {formatNumber(tick)}
          </text>
        </g>
      ))}
      {sprints.map(({ sprint_id: id, name, state, points }, index) => {
        const middle = left + step * (index + 0.5);
        return (
          <g key={id}>
            {id === shown ? (
              <rect
                className="period-shown"
                x={middle - step / 2}
                y={top}
                width={step}
                height={height - top - bottom}
              />
            ) : null}
            <Bar className="velocity-committed" x={middle - bar} width={bar} y={yOf(points.committed)} />
            <Bar
              className={state === "closed" ? "velocity-completed" : "velocity-completed velocity-open"}
              x={middle}
              width={bar}
              y={yOf(points.completed)}
            />
            <rect
              className="period-target"
              x={middle - step / 2}
              y={0}
              width={step}
              height={height}
              onClick={() => onPick(id)}
            >
              <title>{`${name ?? id}: committed ${formatNumber(points.committed)}, completed ${formatNumber(points.completed)}`}</title>
            </rect>
          </g>
        );
      })}
      <polyline className="velocity-line" points={known.join(" ")} />
    </svg>
  );
}

interface BarProps {
  readonly className: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function Bar({ y, width: barWidth, ...place }: BarProps): ReactElement {
  return <rect {...place} y={y} width={Math.max(1, barWidth - 1)} height={Math.max(0, height - bottom - y)} />;
}
