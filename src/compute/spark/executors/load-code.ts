// Loads the functions of a job from the file that was sent with the runner, when its bytes are those that were sent.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Job } from "../../../core/job/job.ts";
import type { JobPipeline } from "../../../core/job/pipeline.ts";
import type { MapReduceCode } from "../../../core/mapreduce/map-reduce.ts";
import { sha256Of } from "./executor-files.ts";
import { type ExecutorJob, fileName } from "./executor-protocol.ts";

/** @param folder that the runner is in @throws MillraceError `CHECKSUM_MISMATCH` | `JOB_UNKNOWN` */
export async function loadCode(folder: string, { job, files }: ExecutorJob): Promise<MapReduceCode> {
  const path = join(folder, fileName(files.code));
  assertFile(path, files.code);
  return findCode((await import(pathToFileURL(path).href)) as Record<string, unknown>, job);
}

/** What runs is what was sent. @throws MillraceError `CHECKSUM_MISMATCH` */
export function assertFile(path: string, sha256: string): void {
  const got = sha256Of(readFileSync(path));
  if (got === sha256) return;
  const message = `expected a file on an executor to be \`${sha256}\`, got: \`${got}\``;
  throw new MillraceError("CHECKSUM_MISMATCH", message);
}

/** A module exports a job by default, a pipeline, or several of them. */
function findCode(exported: Readonly<Record<string, unknown>>, name: string): MapReduceCode {
  const values = [exported["default"]].flat() as readonly (Job | JobPipeline<string> | undefined)[];
  const jobs = values.flatMap((value) => {
    if (value?.kind === "job") return [value];
    return value?.kind === "pipeline" ? value.nodes().map(({ job }) => job) : [];
  });
  const code = jobs.find((job) => job.name === name)?.mapReduce;
  if (code !== undefined) return code;
  throw new MillraceError("JOB_UNKNOWN", `the code on executors has no job of map and reduce called \`${name}\``, {
    hint: "its file has to export it by default",
  });
}
