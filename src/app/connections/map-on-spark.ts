// Puts together what maps and reduces on executors of the project's Spark: the address, the job's code as one file, and the work itself.
// Nothing of it is loaded before a job asks.
import type { MapReduced, MapReduceOptions } from "../../compute/mapreduce/map-reduce-options.ts";
import type { ExecutorCode } from "../../compute/spark/executors/spark-tasks.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { ExecutorWork, MapExecutors } from "../../data/mapreduce/map-reduce-dataset.ts";
import type { JobLocation } from "../../orchestrator/attempt/job-registry.ts";
import { readPackageVersion } from "../../package-version.ts";
import { bundledProject } from "../../project/bundled/bundled-project.ts";
import { type ClusterParts, readAddress, sharedPlaceOf } from "./cluster-of.ts";

/** `undefined`: the project has no Spark. @param location of the job's code */
export function mapExecutorsOf(parts: ClusterParts, location: JobLocation | undefined): MapExecutors | undefined {
  const { connect, engine } = parts.compute ?? {};
  if (connect === undefined) return undefined;
  return {
    isDefault: engine === "spark",
    folder: () => {
      const place = sharedPlaceOf(parts);
      return "folder" in place ? place.folder : undefined;
    },
    run: async (options, work) => await mapOnSpark(options, { ...parts, ...work, connect, location }),
  };
}

interface SparkParts extends ClusterParts, ExecutorWork {
  readonly connect: string;
  readonly location: JobLocation | undefined;
}

async function mapOnSpark(options: MapReduceOptions, parts: SparkParts): Promise<MapReduced> {
  const [{ runOnExecutors }, { openSparkTasks, tagOf }, { describeSession }, { ConnectSession }] = await Promise.all([
    import("../../compute/spark/executors/run-on-executors.ts"),
    import("../../compute/spark/executors/spark-tasks.ts"),
    import("../../compute/spark/describe-session.ts"),
    import("../../compute/spark/connect/connect-session.ts"),
  ]);
  const { clock, connect, location, onOpen, run } = parts;
  const { folder } = options;
  const code = await codeOf(options.code.job, location);
  return await runOnExecutors(options, {
    clock,
    open: async (signal) => {
      const address = await readAddress(parts, connect);
      const session = await ConnectSession.open({ address, clock, random: Math.random, signal });
      const tasks = await openSparkTasks(session, code, signal);
      await onOpen(await describeSession(session, { address, ui: parts.compute?.ui, tag: tagOf(folder), signal }));
      const place = sharedPlaceOf(parts);
      if ("folder" in place) return tasks;
      // few clusters share a bucket
      const { shareThroughBucket } = await import("../../compute/spark/executors/bucket-tasks.ts");
      return await shareThroughBucket(tasks, { place, folder, run, nowMs: clock.now(), signal });
    },
  });
}

/** @throws MillraceError `CAPABILITY_MISSING` for code that is in no file, and what bundling throws */
async function codeOf(job: string, { file, root }: JobLocation = {}): Promise<ExecutorCode> {
  if (file === undefined || root === undefined || bundledProject() !== undefined) {
    throw new MillraceError("CAPABILITY_MISSING", `job \`${job}\` is in no file that could be sent to executors`, {
      hint: 'run it where the files of its project are, or with `engine: "local"`',
    });
  }
  const { buildExecutorCode } = await import("../../cli/bundle/build-executor-code.ts");
  return await buildExecutorCode({ root, file, version: readPackageVersion() });
}
