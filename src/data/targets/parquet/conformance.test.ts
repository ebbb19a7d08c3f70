import { describeTargetContract } from "../../../../tests/conformance/target.ts";
import { lendPlaces } from "../../../../tests/support/files/lent-places.ts";

describeTargetContract("parquet", {
  options: (mode) => ({ parquet: { path: mode === "append" ? "out/t" : "out/t.parquet" } }),
  canMerge: false,
  failpoints: { before: ["staged", "parquet:publishing", "parquet:intended"], after: ["parquet:renamed", "recorded"] },
});

const places = lendPlaces();

describeTargetContract("parquet in a bucket", {
  options: (mode) => ({ parquet: { connection: "lake", path: mode === "append" ? "out/t" : "out/t.parquet" } }),
  canMerge: false,
  remove: (location) => places.remove(location),
  failpoints: { before: ["staged", "parquet:publishing", "parquet:intended"], after: ["parquet:renamed", "recorded"] },
});
