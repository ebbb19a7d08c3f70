// The burndown of a sprint: what remains as a line, the scope as a dashed one, and the straight way to nothing.
import type { ReactElement } from "react";
import "../charts/charts.css";
import type { SprintDetail } from "../../api/delivery/sprint.ts";
import { createRoundScale } from "../charts/round-scale.ts";
import { formatNumber } from "../delivery/figure-words.ts";
import { serverNowMs } from "../queries/server-clock.ts";
import { type BurndownLine, toBurndown } from "./burndown.ts";

const width = 640;
const height = 220;
const left = 56;
const right = 12;
const top = 12;
const bottom = 28;

export function BurndownChart({ sprint }: { readonly sprint: SprintDetail }): ReactElement {
  const { burndown, truncated } = sprint;
  const last = burndown.at(-1);
  if (last === undefined) return <p className="muted">No issue with an estimate was in this sprint.</p>;
  return (
    <figure className="burndown">
      <figcaption>
        <ul className="chart-legend">
          <li data-chart-tone="first">
            <span className="chart-key" aria-hidden="true" /> {formatNumber(last.remaining_points)} points remain
          </li>
          <li data-chart-tone="second">
            <span className="chart-key" aria-hidden="true" /> the scope is {formatNumber(last.scope_points)}
          </li>
        </ul>
      </figcaption>
      <Lines sprint={sprint} />
      {truncated ? <p className="muted">Only the first 2,000 steps are drawn.</p> : null}
    </figure>
  );
}

function Lines({ sprint }: { readonly sprint: SprintDetail }): ReactElement {
  const { remaining, scope, ideal, fromMs, toMs, highest } = toBurndown(sprint.burndown, sprint, serverNowMs());
  const scale = createRoundScale([highest], "points");
  const xOf = (atMs: number): number => left + ((atMs - fromMs) / (toMs - fromMs)) * (width - left - right);
  const yOf = (points: number): number => top + (1 - points / scale.max) * (height - top - bottom);
  const draw = ({ corners }: BurndownLine): string =>
    corners.map(([atMs, points]) => `${xOf(atMs).toFixed(1)},${yOf(points).toFixed(1)}`).join(" ");
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
      {[fromMs, toMs].map((atMs, index) => (
        <text
          key={index === 0 ? "from" : "to"}
          className="scatter-label"
          x={xOf(atMs)}
          y={height - 6}
          textAnchor={index === 0 ? "start" : "end"}
        >
          {days.format(new Date(atMs))}
        </text>
      ))}
      <polyline className="burndown-ideal" points={draw(ideal)} />
      <polyline className="burndown-scope" points={draw(scope)} />
      <polyline className="burndown-remaining" points={draw(remaining)} />
    </svg>
  );
}

const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
