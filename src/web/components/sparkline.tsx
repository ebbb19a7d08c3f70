// A small line of numbers over time, without axes; the words say what it shows.
import type { ReactElement } from "react";

export interface SparklineProps {
  /** Null leaves a gap. */
  readonly values: readonly (number | null)[];
  /** What it shows, such as `duration of the last 30 runs, newest 3 m`. */
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
}

/** From zero to the greatest value. */
export function Sparkline({ values, label, width = 120, height = 24 }: SparklineProps): ReactElement {
  return (
    <svg
      className="sparkline"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <path d={toLinePath(values, width, height)} />
    </svg>
  );
}

/** An SVG path with a move after each gap; empty without two values. */
export function toLinePath(values: readonly (number | null)[], width: number, height: number): string {
  const greatest = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let path = "";
  let isDown = false;
  values.forEach((value, index) => {
    if (value !== null) {
      const y = height - 1 - (value / greatest) * (height - 2);
      path += `${isDown ? "L" : "M"}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    }
    isDown = value !== null;
  });
  return path;
}
