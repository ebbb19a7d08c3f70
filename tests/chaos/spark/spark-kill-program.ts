// A process that publishes what Spark computes: node spark-kill-program.ts <root> <port of Spark> <run> <epoch>
import { join } from "node:path";
import { clusterOf } from "../../../src/app/connections/cluster-of.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { DataProject } from "../../support/data/data-project.ts";

const [, , root = "", port = "", run = "", epoch = ""] = process.argv;
const project = DataProject.open(root);
project.cluster = clusterOf({
  root,
  lake: join(root, "lake"),
  compute: { connect: `sc://127.0.0.1:${port}`, engine: "spark" },
  environment: { readVariable: () => undefined },
  clock: createSystemClock(),
  onSecret: () => undefined,
});
try {
  await project.publish(
    {
      // about two seconds on two cores, so that what happens meanwhile happens in it
      sql: `select id, ${run} as run, java_method('java.lang.Thread', 'sleep', 4L + id * 0) as slept from numbers`,
      inputs: ["numbers"],
      compute: { engine: "spark", dialect: "spark" },
      checks: [{ notNull: ["id"] }],
      output: { dataset: "appended", mode: "append", delta: {}, sqlite: { path: "out/appended.sqlite" } },
    },
    { runId: Number(run), epoch: Number(epoch) },
  );
} finally {
  await project.close();
}
