import { describeTargetContract } from "../../../../tests/conformance/target.ts";

describeTargetContract("sqlite", {
  options: () => ({ sqlite: { path: "out/t.sqlite" } }),
  canMerge: true,
  lacks: ["wide integers", "structs"],
  failpoints: { before: ["staged", "sqlite:publishing", "sqlite:written"], after: ["sqlite:committed", "recorded"] },
});
