// Numbers of charts as short text with their unit: at most three significant digits, for axes and tables.
import { type ChartUnit } from "./metric-charts.ts";

/** Such as `1.5 s`, `12 MB`, `98 %`; a dash for what was not measured. */
export function formatValue(value: number | null | undefined, unit: ChartUnit): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  switch (unit) {
    case "duration":
      return formatMs(value);
    case "bytes":
      return formatBytes(value);
    case "bytes_per_s":
      return `${formatBytes(value)}/s`;
    case "count":
      return formatCount(value);
    case "per_min":
      return `${formatCount(value)}/min`;
    case "percent":
      return `${formatNumber(value)} %`;
    case "cores":
      return formatNumber(value);
  }
}

/** Bytes in powers of 1,000. */
export function formatBytes(bytes: number): string {
  return scale(bytes, ["B", "kB", "MB", "GB", "TB", "PB"], " ");
}

/** Such as `950`, `12.3k`, `4M`. */
export function formatCount(count: number): string {
  return scale(count, ["", "k", "M", "G", "T"], "");
}

function formatMs(ms: number): string {
  if (ms < 1_000) return `${formatNumber(ms)} ms`;
  if (ms < 60_000) return `${formatNumber(ms / 1_000)} s`;
  const [large, small, hours] = ms < 3_600_000 ? (["min", "s", 1] as const) : (["h", "min", 60] as const);
  const units = Math.floor(ms / 60_000 / hours);
  const rest = Math.round((ms - units * hours * 60_000) / (1_000 * hours));
  return rest === 0 || rest === 60 ? `${units + (rest === 60 ? 1 : 0)} ${large}` : `${units} ${large} ${rest} ${small}`;
}

function scale(value: number, units: readonly string[], gap: string): string {
  let rest = value;
  let at = 0;
  while (Math.abs(rest) >= 999.5 && at < units.length - 1) {
    rest /= 1_000;
    at += 1;
  }
  const unit = units[at] ?? "";
  return unit === "" ? formatNumber(rest) : `${formatNumber(rest)}${gap}${unit}`;
}

function formatNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
