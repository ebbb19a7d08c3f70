import { describeTargetContract } from "../../../../tests/conformance/target.ts";

describeTargetContract("duckdb", {
  options: () => ({ duckdb: { path: "out/t.duckdb" } }),
  canMerge: true,
  failpoints: { before: ["staged", "duckdb:publishing", "duckdb:written"], after: ["duckdb:committed", "recorded"] },
});
