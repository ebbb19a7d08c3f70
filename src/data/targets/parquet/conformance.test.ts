import { describeTargetContract } from "../../../../tests/conformance/target.ts";

describeTargetContract("parquet", {
  options: (mode) => ({ parquet: { path: mode === "append" ? "out/t" : "out/t.parquet" } }),
  canMerge: false,
  failpoints: { before: ["staged", "parquet:publishing", "parquet:intended"], after: ["parquet:renamed", "recorded"] },
});
