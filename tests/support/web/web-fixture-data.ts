// Datasets, checks, checkpoints, watermarks, tokens and audit as the fixture server shows them.
import type {
  DatasetReset,
  QuarantineRows,
  QuarantineView,
  ResolvedQuarantine,
} from "../../../src/api/datasets/quarantine.ts";
import type {
  CheckRow,
  DatasetDetail,
  SchemaChange,
  DatasetView,
  Lineage,
  RowsView,
} from "../../../src/api/datasets/dataset.ts";
import type { AuditEntry, Session, TokenView } from "../../../src/api/session.ts";
import type {
  Checkpoint,
  CheckpointChange,
  JobUnit,
  UnitPage,
  Watermark,
  WatermarkChange,
} from "../../../src/api/state.ts";
import { stale } from "./web-fixture-figures.ts";
import { memberEdges, memberNames } from "./web-fixture-jobs.ts";
import { hour, minutesAgo } from "./web-fixture-time.ts";

export const session: Session = {
  name: "ada",
  role: "admin",
  expires_at: minutesAgo(-80 * 24 * hour),
  server: {
    version: "0.1.0",
    project: "shop-data",
    environment: "prod",
    production: true,
    store: "postgres",
    now: minutesAgo(0),
  },
};

export const tokens: readonly TokenView[] = [
  {
    token_id: "t1",
    name: "ada",
    role: "admin",
    created_at: minutesAgo(10 * 24 * hour),
    created_by: "cli:ada",
    expires_at: minutesAgo(-80 * 24 * hour),
    last_used_at: minutesAgo(0),
    revoked_at: null,
  },
  {
    token_id: "t2",
    name: "wall screen",
    role: "viewer",
    created_at: minutesAgo(40 * 24 * hour),
    created_by: "ada",
    expires_at: minutesAgo(-50 * 24 * hour),
    last_used_at: minutesAgo(3 * hour),
    revoked_at: minutesAgo(hour),
  },
];

export const audit: readonly AuditEntry[] = Array.from({ length: 30 }, (_, index) => ({
  seq: 300 - index,
  at: minutesAgo(index * 37),
  actor: index % 4 === 0 ? "cli:ada" : "ada",
  action: index % 5 === 0 ? "putWatermark" : "retryRun",
  target: index % 5 === 0 ? "github_job" : `r${4200 - index}`,
  detail: { reason: "quota is back" },
  outcome: index % 9 === 0 ? "denied" : "allowed",
  hash: `${"0123456789abcdef".repeat(4)}`,
}));

const views: readonly DatasetView[] = memberNames.map((name, index) => ({
  dataset: `${name}_rows`,
  version: index === 7 ? 0 : 40 + index,
  job_name: name,
  run_id: index === 7 ? null : `r${4211 + index}`,
  row_count: index === 7 ? null : 1_204_332 - index * 90_000,
  created_at: index === 7 ? null : minutesAgo(index * 60 + 5),
  freshness: index === 1 ? "at most 24h old" : index === 2 ? "updated_at at most 24h old" : null,
  stale: index === 1 ? stale : null,
  quarantined: name === "load_orders" ? 12 : index === 2 ? 0 : null,
  columns: [
    { name: "order_id", type: "BIGINT", from: ["order_id"] },
    { name: "ordered_at", type: "TIMESTAMP", from: null },
    { name: "amount", type: "DECIMAL(12,2)", from: ["price", "quantity"] },
  ],
  locations: [{ format: "parquet", path: `data/silver/${name}`, version: null, table: null }],
}));

export const datasets: readonly DatasetView[] = views;

const quarantined: QuarantineView = {
  dataset: "load_orders_rows",
  quarantine: "load_orders_rows_quarantine",
  version: 7,
  job_name: "load_orders",
  rows: 12,
  oldest_at: minutesAgo(3 * 1_440),
  checks: [
    { name: "not_null(order_id)", rows: 9 },
    { name: "range(amount)", rows: 4 },
  ],
  runs: [
    { run_id: "r4212", rows: 5, at: minutesAgo(65) },
    { run_id: "r4102", rows: 7, at: minutesAgo(3 * 1_440) },
  ],
};

export const quarantines: readonly QuarantineView[] = [quarantined];

export const datasetRows: RowsView = {
  columns: [
    { name: "order_id", type: "BIGINT" },
    { name: "amount", type: "DECIMAL(10,2)" },
    { name: "note", type: "VARCHAR" },
  ],
  items: Array.from({ length: 20 }, (_, index) => ({
    order_id: String(9_000 + index),
    amount: `${index}.50`,
    note: index % 3 === 0 ? null : "gift",
  })),
  has_more: true,
};

export const quarantineRows: QuarantineRows = {
  ...quarantined,
  items: Array.from({ length: 12 }, (_, index) => ({
    order_id: index < 9 ? null : String(9_000 + index),
    ordered_at: "2026-11-03 09:12:00",
    amount: index < 8 ? "12.50" : "-4.00",
    _reasons: index < 8 ? ["not_null(order_id)"] : ["range(amount)"],
    _quarantine_run: index < 5 ? "r4212" : "r4102",
    _quarantine_at: "2026-11-07T09:12:00Z",
    _quarantine_file: "data/orders-2026-11-03.csv",
  })),
};

export function settledQuarantine(isPreview: boolean): ResolvedQuarantine {
  const { dataset, version, rows, checks } = quarantined;
  return { dataset, version, rows, checks, run_id: isPreview ? null : "r4222" };
}

export const datasetReset: DatasetReset = {
  datasets: [quarantined.dataset, quarantined.quarantine],
  job_names: [quarantined.job_name],
  versions: 48,
  tables: [{ format: "delta", path: `lake/${quarantined.dataset}`, version: null, table: null }],
  shared: [],
  watermarks: [],
  run_id: null,
};

export function datasetDetail(name: string): DatasetDetail {
  const view = views.find(({ dataset }) => dataset === name) ?? views[0];
  if (view === undefined) throw new Error("expected the fixtures to have a dataset");
  return {
    ...view,
    dataset: name,
    versions: Array.from({ length: 12 }, (_, index) => ({
      version: 42 - index,
      run_id: `r${4210 - index * 10}`,
      job_name: view.job_name ?? "load_orders",
      row_count: 1_204_332 - index * 18_000,
      created_at: minutesAgo(index * 24 * hour + 60),
      columns_added: index === 2 ? ["channel"] : [],
      columns_removed: index === 5 ? ["legacy_id"] : [],
    })),
    next_cursor: null,
    schema_changes: [
      { ...changeOf(40), kind: "added", column: "channel", before: null, after: "VARCHAR", count: null },
      { ...changeOf(38), kind: "discarded", column: "debug", before: null, after: "STRUCT", count: 18_240 },
      { ...changeOf(37), kind: "dropped", column: "legacy_id", before: "INTEGER", after: null, count: null },
      { ...changeOf(37), kind: "retyped", column: "amount", before: "INTEGER", after: "BIGINT", count: null },
    ],
    lineage,
    catalog: {
      table: "main.sales.orders",
      kind: "external",
      owner: "sales",
      comment: null,
      grants: [{ principal: "analysts", privileges: ["SELECT"] }],
      upstream: [],
      problem: null,
    },
  };
}

function changeOf(version: number): Pick<SchemaChange, "version" | "run_id" | "job_name" | "at"> {
  const index = 42 - version;
  return { version, run_id: `r${4210 - index * 10}`, job_name: "load_orders", at: minutesAgo(index * 24 * hour + 60) };
}

export const lineage: Lineage = {
  nodes: memberNames.flatMap((name) => [
    { id: `job:${name}`, kind: "job" as const, name },
    { id: `dataset:${name}_rows`, kind: "dataset" as const, name: `${name}_rows` },
  ]),
  edges: [
    ...memberNames.map((name) => ({ from: `job:${name}`, to: `dataset:${name}_rows` })),
    ...memberEdges.map(([from, to]) => ({ from: `dataset:${from}_rows`, to: `job:${to}` })),
  ],
};

export const checks: readonly CheckRow[] = memberNames.slice(0, 5).map((name, row) => ({
  dataset: `${name}_rows`,
  job_name: name,
  name: row % 2 === 0 ? "unique order_id" : "amount ≥ 0",
  severity: row % 2 === 0 ? "block" : "warn",
  results: Array.from({ length: 30 }, (_, index) => {
    const passed = (index + row) % 9 !== 4;
    return {
      run_id: `r${4210 - index * 10}`,
      at: minutesAgo(index * 24 * hour),
      passed,
      failing_rows: passed ? 0 : 12,
      detail: passed ? "" : "12 rows fail",
      rows_at: passed ? null : `data/quarantine/${name}/r${4210 - index * 10}`,
    };
  }),
}));

export const checkpoints: readonly Checkpoint[] = [
  {
    run_id: "r4198",
    state: "ERROR",
    versions: [
      { version: 3, data: { page: 3, repository: "org/repository-7" }, readable: true, saved_at: minutesAgo(22) },
      { version: 2, data: { page: 2, repository: "org/repository-7" }, readable: true, saved_at: minutesAgo(24) },
      { version: 1, data: null, readable: false, saved_at: minutesAgo(26) },
    ],
  },
];

export const checkpointChange: CheckpointChange = {
  before: { page: 3, repository: "org/repository-7" },
  after: { page: 1, repository: "org/repository-7" },
  differences: [{ path: "page", before: 3, after: 1 }],
  version: null,
};

export const watermarks: readonly Watermark[] = [
  {
    name: "updated_at",
    tenant: "default",
    version: 42,
    value: "2026-11-21T06:00:00.000Z",
    updated_at: minutesAgo(hour),
    history: Array.from({ length: 12 }, (_, index) => ({
      version: 42 - index,
      value: new Date(Date.parse("2026-11-21T06:00:00.000Z") - index * 14_400_000).toISOString(),
      at: minutesAgo(hour + index * 240),
      run_id: index === 2 ? null : `r${4200 - index}`,
      by: index === 2 ? "ada" : null,
      reason: index === 2 ? "the source corrected its dates" : null,
    })),
    can_undo: true,
  },
];

export const jobUnits: readonly JobUnit[] = [
  {
    key: "acme",
    tenant: "default",
    ranges: [
      { from: "2026-11-01T00:00:00.000Z", to: "2026-11-14T00:00:00.000Z" },
      { from: "2026-11-15T00:00:00.000Z", to: "2026-11-21T00:00:00.000Z" },
    ],
    value: null,
    last_run_id: "r4200",
    last_read_at: minutesAgo(hour),
    is_behind: true,
    error: {
      message: "page 2: the service answered with status 500",
      from: "2026-11-14T00:00:00.000Z",
      run_id: "r4200",
      at: minutesAgo(hour),
    },
  },
  {
    key: "globex",
    tenant: "default",
    ranges: [{ from: "2026-11-01T00:00:00.000Z", to: "2026-11-21T00:00:00.000Z" }],
    value: null,
    last_run_id: "r4200",
    last_read_at: minutesAgo(hour),
    is_behind: false,
    error: null,
  },
];

export const watermarkChange: WatermarkChange = {
  name: "updated_at",
  before: "2026-11-21T06:00:00.000Z",
  after: "2026-11-20T06:00:00.000Z",
  direction: "rewind",
  affected_runs: [
    { run_id: "r4200", from: "2026-11-20T22:00:00.000Z", to: "2026-11-21T02:00:00.000Z", at: minutesAgo(6 * hour) },
    { run_id: "r4194", from: "2026-11-20T18:00:00.000Z", to: "2026-11-20T22:00:00.000Z", at: minutesAgo(10 * hour) },
  ],
  affected_datasets: ["pulls", "commits"],
  version: null,
};

export const unitSummary: UnitPage["summary"] = {
  units: 2,
  failed: 1,
  behind: 1,
  read_to: "2026-11-21T00:00:00.000Z",
  furthest: "2026-11-21T00:00:00.000Z",
};
