import { describeTargetContract } from "../../../../tests/conformance/target.ts";

describeTargetContract("csv", {
  options: (mode) => ({ csv: { path: mode === "append" ? "out/t" : "out/t.csv" } }),
  lacks: ["structs"],
  canMerge: false,
  failpoints: { before: ["staged", "csv:publishing", "csv:intended"], after: ["csv:renamed", "recorded"] },
});
