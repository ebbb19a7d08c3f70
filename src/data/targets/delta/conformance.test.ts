import { describeTargetContract } from "../../../../tests/conformance/target.ts";

describeTargetContract("delta", {
  options: () => ({ delta: { path: "out/t" } }),
  canMerge: true,
  failpoints: {
    before: ["staged", "audited", "delta:publishing", "delta:intended", "delta:placed"],
    after: ["delta:committed", "recorded"],
  },
});
