// A process that publishes what Spark computes: node spark-kill-program.ts <root> <port of Spark> <run> <epoch> <sql or mapReduce>
import { join } from "node:path";
import { clusterOf, type ClusterParts } from "../../../src/app/connections/cluster-of.ts";
import { mapExecutorsOf } from "../../../src/app/connections/map-on-spark.ts";
import type { MapReduceCode } from "../../../src/core/mapreduce/map-reduce.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { DataProject } from "../../support/data/data-project.ts";
import job from "./fixtures/spark-kill-job.ts";

const [, , root = "", port = "", run = "", epoch = "", work = ""] = process.argv;
const project = DataProject.open(root);
const parts: ClusterParts = {
  root,
  lake: join(root, "lake"),
  compute: { connect: `sc://127.0.0.1:${port}`, engine: "spark" },
  environment: { readVariable: () => undefined },
  clock: createSystemClock(),
  onSecret: () => undefined,
};
project.cluster = clusterOf(parts);
project.mapExecutors = mapExecutorsOf(parts, {
  file: join(import.meta.dirname, "fixtures", "spark-kill-job.ts"),
  root: join(import.meta.dirname, "fixtures"),
});
const attempt = project.attempt({ runId: Number(run), epoch: Number(epoch) });
const output = { mode: "append", delta: {} } as const;
try {
  await (work === "sql" ? compute() : mapAndReduce());
} finally {
  await project.close();
}

async function compute(): Promise<void> {
  await attempt.publish({
    // about two seconds on two cores, so that what happens meanwhile happens in it
    sql: `select id, ${run} as run, java_method('java.lang.Thread', 'sleep', 4L + id * 0) as slept from numbers`,
    inputs: ["numbers"],
    compute: { engine: "spark", dialect: "spark" },
    checks: [{ notNull: ["id"] }],
    output: { dataset: "appended", ...output, sqlite: { path: "out/appended.sqlite" } },
  });
}

async function mapAndReduce(): Promise<void> {
  await attempt.mapReduce({
    code: job.mapReduce as MapReduceCode,
    input: { files: `logs/${run}.log` },
    output: { dataset: "mapped", ...output, sqlite: { path: "out/mapped.sqlite" } },
    checks: [{ notNull: ["id"] }],
    badRecords: "fail",
    memoryBytes: 64_000_000,
    maxLineBytes: 1_000_000,
    engine: "spark",
  });
}
