import { describeTargetContract } from "../../../../tests/conformance/target.ts";
import { lendPlaces } from "../../../../tests/support/files/lent-places.ts";

describeTargetContract("ndjson", {
  options: (mode) => ({ ndjson: { path: mode === "append" ? "out/t" : "out/t.ndjson" } }),
  canMerge: false,
  failpoints: { before: ["staged", "ndjson:publishing", "ndjson:intended"], after: ["ndjson:renamed", "recorded"] },
});

const places = lendPlaces();

describeTargetContract("ndjson in HDFS", {
  options: (mode) => ({ ndjson: { connection: "cluster", path: mode === "append" ? "/out/t" : "/out/t.ndjson" } }),
  canMerge: false,
  remove: (location) => places.remove(location),
  failpoints: { before: ["staged", "ndjson:publishing", "ndjson:intended"], after: ["ndjson:renamed", "recorded"] },
});
