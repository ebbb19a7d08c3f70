// The addresses of all screens, with which tests and screenshots go through them.

export interface WebScreen {
  /** Kebab-case, such as for the file of a screenshot. */
  readonly name: string;
  /** With what the fixtures have. */
  readonly path: string;
}

/** Each screen, and each tab that looks different. */
export const webScreens: readonly WebScreen[] = [
  { name: "home", path: "/" },
  { name: "runs", path: "/runs" },
  { name: "run", path: "/runs/r4210" },
  { name: "run-failed", path: "/runs/r4203" },
  { name: "run-waiting", path: "/runs/r4204" },
  { name: "run-graph", path: "/runs/r4210?tab=graph" },
  { name: "run-gantt", path: "/runs/r4210?tab=gantt" },
  { name: "run-jobs", path: "/runs/r4210?tab=jobs" },
  { name: "run-events", path: "/runs/r4210?tab=events" },
  { name: "run-logs", path: "/runs/r4210?tab=logs" },
  { name: "run-units", path: "/runs/r4203?tab=units" },
  { name: "run-requests", path: "/runs/r4203?tab=requests" },
  { name: "run-data", path: "/runs/r4203?tab=data" },
  { name: "compare", path: "/compare/r4203/r4195" },
  { name: "job", path: "/jobs/shop_nightly" },
  { name: "job-graph", path: "/jobs/shop_nightly?tab=graph" },
  { name: "job-figures", path: "/jobs/shop_nightly?tab=figures" },
  { name: "job-metrics", path: "/jobs/shop_nightly?tab=metrics" },
  { name: "job-state", path: "/jobs/github_job?tab=state" },
  { name: "job-schedule", path: "/jobs/github_job?tab=schedule" },
  { name: "job-trigger", path: "/jobs/margin_report?tab=schedule" },
  { name: "job-trigger-files", path: "/jobs/load_deliveries?tab=schedule" },
  { name: "state", path: "/jobs/github_job/state" },
  { name: "failures", path: "/failures" },
  { name: "schedules", path: "/schedules" },
  { name: "metrics", path: "/metrics" },
  { name: "datasets", path: "/datasets" },
  { name: "dataset", path: "/datasets/load_orders_rows" },
  { name: "streams", path: "/streams" },
  { name: "stream-groups", path: "/streams?tab=groups" },
  { name: "stream-dead-letters", path: "/streams?tab=dead-letters&group=recommend" },
  { name: "stream-replays", path: "/streams?tab=replays" },
  { name: "stream-stores", path: "/streams?tab=stores" },
  { name: "topic", path: "/streams/topics/orders" },
  { name: "group", path: "/streams/groups/recommend" },
  { name: "group-joins", path: "/streams/groups/create_product" },
  { name: "group-batches", path: "/streams/groups/dashboard" },
  { name: "dead-letter", path: "/streams/dead-letters/41" },
  { name: "checks", path: "/checks" },
  { name: "collection", path: "/collection?open=github_pull_requests" },
  { name: "collection-closed", path: "/collection" },
  { name: "delivery", path: "/delivery" },
  { name: "delivery-deployments", path: "/delivery?metric=change_fail_rate&benchmark=2023&as=table" },
  { name: "sprints", path: "/sprints" },
  { name: "sprints-closed", path: "/sprints?sprint=137&of=completed" },
  { name: "connections", path: "/connections" },
  { name: "notifications", path: "/notifications" },
  { name: "orchestrator", path: "/orchestrator" },
  { name: "settings", path: "/settings" },
  { name: "settings-audit", path: "/settings?tab=audit" },
  { name: "not-found", path: "/no/such/screen" },
];
