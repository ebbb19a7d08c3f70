// The line of an edge in SVG.
import type { Point } from "../../../core/graph/layout-graph.ts";

/** The `d` of an SVG path through the points of an edge: level at both ends, so that it leaves and enters nodes straight. */
export function drawEdge(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M${round(first.x)} ${round(first.y)}`;
  let previous = first;
  for (const point of rest) {
    const middle = round((previous.x + point.x) / 2);
    path += ` C${middle} ${round(previous.y)} ${middle} ${round(point.y)} ${round(point.x)} ${round(point.y)}`;
    previous = point;
  }
  return path;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
