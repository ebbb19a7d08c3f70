import { describeTargetContract } from "../../../../tests/conformance/target.ts";

describeTargetContract("sqlite", {
  options: () => ({ sqlite: { path: "out/t.sqlite" } }),
  canMerge: true,
  failpoints: { before: ["staged", "sqlite:publishing", "sqlite:written"], after: ["sqlite:committed", "recorded"] },
});
