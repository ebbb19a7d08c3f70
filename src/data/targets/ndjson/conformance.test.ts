import { describeTargetContract } from "../../../../tests/conformance/target.ts";

describeTargetContract("ndjson", {
  options: (mode) => ({ ndjson: { path: mode === "append" ? "out/t" : "out/t.ndjson" } }),
  canMerge: false,
  failpoints: { before: ["staged", "ndjson:publishing", "ndjson:intended"], after: ["ndjson:renamed", "recorded"] },
});
