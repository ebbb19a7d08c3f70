// Numbers of charts as short text with their unit, for axes, captions and tables.
import { formatBytes, formatMs, formatShortCount } from "../components/values/format-quantity.ts";
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
      return formatNumber(value);
    case "per_min":
      return `${formatNumber(value)}/min`;
    case "percent":
      return `${formatNumber(value)} %`;
    case "cores":
      return formatNumber(value);
  }
}

function formatNumber(value: number): string {
  return value < 1_000 ? String(Number(value.toPrecision(3))) : formatShortCount(Math.round(value));
}
