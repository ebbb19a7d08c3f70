// Runs the target contract against every target.
import { describeTargetContract } from "./target.ts";

describeTargetContract("delta", {
  options: () => ({ delta: { path: "out/t" } }),
  canMerge: true,
  failpoints: {
    before: ["staged", "audited", "delta:publishing", "delta:intended", "delta:placed"],
    after: ["delta:committed", "recorded"],
  },
});

describeTargetContract("parquet", {
  options: (mode) => ({ parquet: { path: mode === "append" ? "out/t" : "out/t.parquet" } }),
  canMerge: false,
  failpoints: { before: ["staged", "parquet:publishing", "parquet:intended"], after: ["parquet:renamed", "recorded"] },
});

describeTargetContract("sqlite", {
  options: () => ({ sqlite: { path: "out/t.sqlite" } }),
  canMerge: true,
  failpoints: { before: ["staged", "sqlite:publishing", "sqlite:written"], after: ["sqlite:committed", "recorded"] },
});

describeTargetContract("duckdb", {
  options: () => ({ duckdb: { path: "out/t.duckdb" } }),
  canMerge: true,
  failpoints: { before: ["staged", "duckdb:publishing", "duckdb:written"], after: ["duckdb:committed", "recorded"] },
});

describeTargetContract("csv", {
  options: (mode) => ({ csv: { path: mode === "append" ? "out/t" : "out/t.csv" } }),
  canMerge: false,
  failpoints: { before: ["staged", "csv:publishing", "csv:intended"], after: ["csv:renamed", "recorded"] },
});

describeTargetContract("ndjson", {
  options: (mode) => ({ ndjson: { path: mode === "append" ? "out/t" : "out/t.ndjson" } }),
  canMerge: false,
  failpoints: { before: ["staged", "ndjson:publishing", "ndjson:intended"], after: ["ndjson:renamed", "recorded"] },
});
