import { describeTargetContract } from "../../../../tests/conformance/target.ts";
import { lendPlaces } from "../../../../tests/support/files/lent-places.ts";

describeTargetContract("csv", {
  options: (mode) => ({ csv: { path: mode === "append" ? "out/t" : "out/t.csv" } }),
  lacks: ["structs"],
  canMerge: false,
  failpoints: { before: ["staged", "csv:publishing", "csv:intended"], after: ["csv:renamed", "recorded"] },
});

const places = lendPlaces();

describeTargetContract("csv on an SSH server", {
  options: (mode) => ({ csv: { connection: "drop", path: mode === "append" ? "/out/t" : "/out/t.csv" } }),
  lacks: ["structs"],
  canMerge: false,
  remove: (location) => places.remove(location),
  failpoints: { before: ["staged", "csv:publishing", "csv:intended"], after: ["csv:renamed", "recorded"] },
});
