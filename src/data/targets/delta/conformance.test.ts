import { describeTargetContract } from "../../../../tests/conformance/target.ts";
import { lendPlaces } from "../../../../tests/support/files/lent-places.ts";

describeTargetContract("delta", {
  options: () => ({ delta: { path: "out/t" } }),
  canMerge: true,
  failpoints: {
    before: ["staged", "audited", "delta:publishing", "delta:intended", "delta:placed"],
    after: ["delta:committed", "recorded"],
  },
});

const places = lendPlaces();

describeTargetContract("delta in a bucket", {
  options: () => ({ delta: { path: "s3a://lake/out/t" } }),
  canMerge: true,
  remove: (location) => places.remove(location),
  failpoints: {
    before: ["staged", "audited", "delta:publishing", "delta:intended", "delta:placed"],
    after: ["delta:committed", "recorded"],
  },
});
