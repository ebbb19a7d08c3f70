// A process that encrypts a dataset anew and is killed at a named moment: node rekey-and-die.ts <root> <failpoint> <targets as JSON>
import { flushCompileCache } from "node:module";
import type { DatasetOutput, DatasetTargets } from "../../../src/core/dataset/dataset.ts";
import type { RekeyRequest } from "../../../src/core/dataset/dataset-rekey.ts";
import { DataProject } from "./data-project.ts";

export const [olderKey, newerKey] = ["the older key of the two", "the newer key of the two"] as const;

/** As the job of the dataset `t` would be asked, which appends to it. */
export function rekeyRequest(targets: DatasetTargets): RekeyRequest {
  const output: DatasetOutput = { dataset: "t", mode: "append", ...targets };
  return { job: "ingest", output, assertUnchanged: () => Promise.resolve() };
}

if (process.argv[1] === import.meta.filename) {
  const [, , root = "", failpoint, targets = ""] = process.argv;
  const attempt = DataProject.open(root).attempt({
    runId: 2,
    keys: [newerKey, olderKey],
    failpoint(name) {
      if (name !== failpoint) return;
      flushCompileCache();
      process.kill(process.pid, "SIGKILL");
    },
  });
  await attempt.rekey(rekeyRequest(JSON.parse(targets) as DatasetTargets));
}
