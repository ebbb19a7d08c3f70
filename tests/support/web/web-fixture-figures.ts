// Business figures and lateness as the fixture server shows them.
import type { JobMetric, MetricValue } from "../../../src/api/figure.ts";
import type { Lateness, LatenessTurn } from "../../../src/api/lateness.ts";
import { hour, minutesAgo } from "./web-fixture-time.ts";

export const late: Lateness = { since: minutesAgo(95), expected_at: minutesAgo(5 * hour), run_id: "r4210" };

export const stale: Lateness = { since: minutesAgo(3 * hour), expected_at: minutesAgo(27 * hour), run_id: null };

export const turns: readonly LatenessTurn[] = [
  { turn: "late", at: minutesAgo(95), expected_at: minutesAgo(5 * hour), run_id: "r4210" },
  { turn: "on_time", at: minutesAgo(28 * hour), expected_at: minutesAgo(29 * hour), run_id: null },
  { turn: "late", at: minutesAgo(30 * hour), expected_at: minutesAgo(29 * hour), run_id: "r4188" },
];

export function metricsOf(runId: string): readonly MetricValue[] {
  return [
    valueOf(runId, "orders_loaded", 1_203, "rows", 4),
    { ...valueOf(runId, "rejected_share", 7.4, "%", 4), breach: "warn" },
    valueOf(runId, "revenue", 48_210.5, "EUR", 4),
  ];
}

export const jobMetrics: readonly JobMetric[] = [
  rule("orders_loaded", "rows", 1_000, null, "fail"),
  rule("rejected_share", "%", null, 5, "warn"),
  rule("revenue", "EUR", null, null, null),
];

export function historyOf(name: string): readonly MetricValue[] {
  return Array.from({ length: 40 }, (_, index) => {
    const wave = Math.sin(index / 3) * 0.2 + 1;
    const [base, unit] = bases[name] ?? [1, null];
    const value = Math.round(base * wave * 100) / 100;
    const point = valueOf(`r${4210 - index * 11}`, name, value, unit, index * 24 * hour);
    return name === "rejected_share" && value > 5 ? { ...point, breach: "warn" } : point;
  });
}

const bases: Readonly<Record<string, readonly [number, string]>> = {
  orders_loaded: [1_250, "rows"],
  rejected_share: [4.4, "%"],
  revenue: [48_000, "EUR"],
};

function rule(
  name: string,
  unit: string,
  min: number | null,
  max: number | null,
  onBreach: JobMetric["on_breach"],
): JobMetric {
  const newest = metricsOf("r4210").filter((value) => value.name === name);
  return { name, unit, min, max, on_breach: onBreach, newest };
}

function valueOf(runId: string, name: string, value: number, unit: string | null, minutes: number): MetricValue {
  return { run_id: runId, name, labels: {}, value, unit, breach: null, attempt: 1, at: minutesAgo(minutes) };
}
