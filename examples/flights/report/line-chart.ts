// One series over days as SVG, with a labelled grid and month ticks.
import { escapeXml } from "./bar-chart.ts";

export interface Point {
  readonly day: string;
  readonly value: number;
}

const width = 1000;
const height = 260;
const left = 44;
const right = 24;
const bottom = 28;
const top = 10;

export function lineChart(title: string, points: readonly Point[], color: string): string {
  const values = points.map((point) => point.value);
  const low = Math.min(0, Math.floor(Math.min(...values) / 5) * 5);
  const high = Math.ceil(Math.max(...values) / 5) * 5;
  const x = (index: number): number => left + (index / Math.max(1, points.length - 1)) * (width - left - right);
  const y = (value: number): number => top + ((high - value) / (high - low)) * (height - top - bottom);
  const path = points
    .map((point, index) => `${index === 0 ? "M" : "L"}${x(index).toFixed(1)},${y(point.value).toFixed(1)}`)
    .join("");
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}">
    ${gridLines(low, high, y)}
    ${monthTicks(points, x)}
    <path d="${path}" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round"/>
  </svg>`;
}

function gridLines(low: number, high: number, y: (value: number) => number): string {
  const step = high - low > 20 ? 10 : 5;
  const lines: string[] = [];
  for (let value = low; value <= high; value += step) {
    const at = y(value).toFixed(1);
    lines.push(
      `<line x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" class="grid"/><text x="${left - 8}" y="${Number(at) + 4}" text-anchor="end">${value}</text>`,
    );
  }
  return lines.join("");
}

function monthTicks(points: readonly Point[], x: (index: number) => number): string {
  const names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  return points
    .map((point, index) =>
      point.day.endsWith("-01")
        ? `<text x="${x(index).toFixed(1)}" y="${height - 6}">${names[Number(point.day.slice(5, 7)) - 1] ?? ""}</text>`
        : "",
    )
    .join("");
}
