// Figures of delivery and sprints of the fixtures: half a year of weeks with one that nothing is known of, and a board with a sprint under way.
import type {
  Delivery,
  DeliveryChange,
  DeliveryDeployment,
  DeliveryFigure,
} from "../../../src/api/delivery/delivery.ts";
import type { Sprint, SprintDetail, SprintIssue, SprintPage } from "../../../src/api/delivery/sprint.ts";
import { toBenchmarkBand } from "../../../src/core/delivery/benchmark-band.ts";
import { benchmarkYears } from "../../../src/core/delivery/dora-metrics.ts";
import { benchmarkTables } from "../../../src/core/delivery/benchmarks.ts";
import { hour, minutesAgo } from "./web-fixture-time.ts";

const dayMinutes = 24 * hour;
const dayMs = 86_400_000;
const weeks = 26;
const firstMs = Date.UTC(2026, 5, 1);
const weekAt = (index: number): string => new Date(firstMs + index * 7 * dayMs).toISOString();

const units: Readonly<Record<string, readonly [unit: string, value: number]>> = {
  change_fail_rate: ["share", 0.12],
  change_lead_time: ["seconds", 180_000],
  commit_lead_time: ["seconds", 150_000],
  deployment_days_per_week: ["days", 3],
  deployment_frequency: ["deployments a day", 0.9],
  deployment_rework_rate: ["share", 0.06],
  deployments: ["deployments", 6],
  failed_deployment_recovery_time: ["seconds", 5_400],
  open_failures: ["deployments", 1],
};

/** The year of the table is that of the address. */
export function deliveryOf(query: Readonly<Record<string, string>>): Delivery {
  const year = benchmarkYears.find((each) => each === query["benchmark"]) ?? "2025";
  const periods = Array.from({ length: weeks }, (_, index) => ({
    start_at: weekAt(index),
    end_at: weekAt(index + 1),
    is_complete: index < weeks - 1,
  }));
  const asked = periods.findIndex(({ start_at: start }) => start === query["at"]);
  const place = asked < 0 ? weeks - 2 : asked;
  const figures = Object.entries(units).map(([metric, [unit]]): DeliveryFigure => {
    const value = valueOf(metric, place);
    return {
      metric,
      unit,
      value,
      n: value === null ? 0 : metric === "failed_deployment_recovery_time" ? 3 : 18,
      p50: unit === "seconds" ? value : null,
      p75: unit === "seconds" && value !== null ? value * 1.6 : null,
      p90: unit === "seconds" && value !== null ? value * 2.7 : null,
      coverage: value === null ? null : 0.94,
      is_few: value === null || metric === "failed_deployment_recovery_time",
      before: valueOf(metric, place - 1),
      overall: units[metric]?.[1] ?? null,
      band: toBenchmarkBand(year, { metric, value, daysPerWeek: 3 }),
    };
  });
  return {
    services: ["acme/billing", "acme/shop", "acme/web-with-a-rather-long-name"],
    service: query["service"] ?? "acme/shop",
    period: query["period"] === "month" ? "month" : "week",
    periods,
    shown: periods[place] ?? null,
    figures,
    series: Object.entries(units).map(([metric, [unit]]) => ({
      metric,
      unit,
      values: periods.map((_, index) => valueOf(metric, index)),
      n: periods.map((_, index) => (valueOf(metric, index) === null ? 0 : 18)),
    })),
    stages: {
      n: 18,
      lead_seconds: 198_000,
      stages: [
        { stage: "coding", seconds: 61_200 },
        { stage: "pickup", seconds: 46_800 },
        { stage: "review", seconds: 25_200 },
        { stage: "merge_wait", seconds: 7_200 },
        { stage: "deploy", seconds: 57_600 },
      ],
    },
    benchmark: { year, caveat: benchmarkTables[year].caveat, source: benchmarkTables[year].source },
    computed_at: minutesAgo(35),
  };
}

export const noDelivery: Delivery = {
  ...deliveryOf({}),
  services: [],
  service: null,
  periods: [],
  shown: null,
  figures: [],
  series: [],
  stages: null,
  computed_at: null,
};

function valueOf(metric: string, index: number): number | null {
  const [unit, value] = units[metric] ?? ["", 0];
  if (index < 0 || (unit === "seconds" && index % 9 === 4)) return null;
  return Math.max(0, value * (1 + 0.4 * Math.sin(index * 1.7 + metric.length)));
}

export const deliveryChanges: readonly DeliveryChange[] = Array.from({ length: 8 }, (_, index) => ({
  repository: index === 5 ? null : "acme/shop",
  repository_id: 1_296_269,
  number: 412 - index,
  title:
    index === 2
      ? "Take the price of the day in which the order came in, and not that of the day in which it is sent"
      : `Fix the total of order ${index}`,
  author: index === 3 ? null : "ada",
  is_bot: index === 6,
  is_hotfix: index === 1,
  is_revert: index === 4,
  is_unreviewed: index === 1,
  is_clock_skewed: index === 7,
  merged_at: minutesAgo(9 * dayMinutes + index * hour),
  deployed_at: minutesAgo(9 * dayMinutes - 200 + index * hour),
  deployment_id: 9_000_412 - index,
  coding_seconds: index === 7 ? null : 36_000 + index * 7_000,
  pickup_seconds: index === 1 ? null : 20_000,
  review_seconds: 14_000,
  merge_wait_seconds: index === 1 ? null : 4_000,
  deploy_seconds: 12_000,
  lead_seconds: index === 7 ? null : 26_000 + 36_000 + index * 7_000 + (index === 1 ? 0 : 24_000),
}));

export const deliveryDeployments: readonly DeliveryDeployment[] = Array.from({ length: 6 }, (_, index) => ({
  repository: "acme/shop",
  repository_id: 1_296_269,
  environment: "production",
  deployment_id: 9_000_412 - index,
  deployed_at: minutesAgo(9 * dayMinutes + index * 5 * hour),
  sha: `8fe6c1d0a${index}b4c3d2e1f`,
  comparison: ["ahead", "behind", "ahead", "diverged", "unknown", "baseline"][index] ?? null,
  is_failed: index < 2,
  failure_reason: index === 0 ? "issue, revert" : index === 1 ? "rollback" : null,
  failed_by: index === 0 ? ["issue:OPS-41"] : [],
  restored_at: index === 1 ? minutesAgo(9 * dayMinutes) : null,
  recovery_seconds: index === 1 ? 5_400 : null,
  is_unplanned: index === 1,
}));

const sprintDays = 14;

const sprints: readonly Sprint[] = Array.from({ length: 13 }, (_, index): Sprint => {
  const isOver = index > 0;
  const committed = 34 + ((index * 7) % 13);
  const [added, removed] = [index % 4 === 0 ? 8 : 3, index % 3 === 0 ? 5 : 0];
  const scope = committed + added - removed;
  const completed = isOver ? scope - ((index * 5) % 11) : 17;
  const rest = isOver ? scope - completed : null;
  return {
    sprint_id: 140 - index,
    board_id: 7,
    name: `Shop ${40 - index}`,
    state: isOver ? "closed" : "active",
    start_at: minutesAgo((8 + index * sprintDays) * dayMinutes),
    end_at: minutesAgo((8 + (index - 1) * sprintDays) * dayMinutes),
    closed_at: isOver ? minutesAgo((8 + (index - 1) * sprintDays) * dayMinutes - 90) : null,
    points: { committed, added, removed, scope, completed, carried_over: rest },
    issues: {
      committed: 9,
      added: 2,
      removed: removed === 0 ? 0 : 1,
      scope: 10,
      completed: isOver ? 8 : 4,
      carried_over: isOver ? 2 : null,
    },
    unestimated_issues: index % 5 === 0 ? 2 : 0,
    coverage: 0.9,
    completion_rate: isOver ? completed / scope : null,
    completed_share: isOver ? completed / scope : null,
    velocity_points: isOver ? 36 + Math.sin(index) * 3 : null,
    velocity_sprints: isOver ? 3 : null,
  };
});

export const sprintPage: SprintPage = {
  items: sprints,
  next_cursor: null,
  boards: [
    { board_id: 7, name: "Shop board" },
    { board_id: 9, name: null },
  ],
  computed_at: minutesAgo(40),
};

/** Any id has a sprint. */
export function sprintOf(id: string | undefined): SprintDetail {
  const sprint = sprints.find((each) => each.sprint_id === Number(id)) ?? sprints[0];
  if (sprint === undefined) throw new Error("expected the fixtures to have a sprint");
  const startMs = Date.parse(sprint.start_at);
  const moves = [0, -3, 5, -8, 3, -5, -2, -6, -4, -3];
  let [remaining, scope] = [sprint.points.committed, sprint.points.committed];
  const burndown = moves.map((move, index) => {
    remaining += move;
    if (move > 0) scope += move;
    return {
      at: new Date(startMs + index * 0.8 * dayMs).toISOString(),
      remaining_points: remaining,
      scope_points: scope,
      completed_points: scope - remaining,
    };
  });
  return { ...sprint, burndown, truncated: false };
}

export const sprintIssues: readonly SprintIssue[] = Array.from({ length: 7 }, (_, index) => ({
  issue_id: String(10_400 + index),
  key: index === 4 ? null : `SHOP-${310 + index}`,
  summary: index === 4 ? null : `Let customers change the address of an order that was not sent yet, part ${index}`,
  type: index === 4 ? null : index % 3 === 0 ? "Bug" : "Story",
  at: minutesAgo(8 * dayMinutes - index * 5 * hour),
  change: "committed",
  points: index === 3 ? 0 : (index % 4) + 1,
  is_estimated: index !== 3,
}));
