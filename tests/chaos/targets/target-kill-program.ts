// A process that publishes many rows and dies, or has its disk full, at the moment that its fault names:
// node target-kill-program.ts <root> <fault as JSON>. What ends it otherwise is its last line.
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { toErrorRecord } from "../../../src/core/errors/errors.ts";
import { classifyError } from "../../../src/core/errors/classify-error.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { killRequest, runOfFault, type TargetFault } from "./target-kills.ts";

const [, , root = "", text = ""] = process.argv;
const fault = JSON.parse(text) as TargetFault;
const project = DataProject.open(root);
let left = fault.kind === "moment" ? fault.occurrence : 0;
if (fault.kind === "bytes") watch(fault);
try {
  const { changed } = await project.publish(killRequest(fault, runOfFault), {
    runId: runOfFault,
    failpoint(name) {
      if (fault.kind === "moment" && name === fault.moment && --left === 0) process.kill(process.pid, "SIGKILL");
    },
  });
  process.stdout.write(JSON.stringify({ changed }));
} catch (error) {
  process.stdout.write(JSON.stringify(toErrorRecord(classifyError(error))));
}
process.exit(0); // the thread that watches would go on

/** From a thread of its own, since a large statement keeps the main thread busy. */
function watch({ suffix, bytes }: Extract<TargetFault, { kind: "bytes" }>): void {
  const script = fileURLToPath(new URL("target-kill-thread.ts", import.meta.url));
  new Worker(script, { workerData: { folder: project.path("out"), suffix, bytes } });
}
