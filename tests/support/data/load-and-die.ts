// Runs of load jobs on a project with a data layer, whose steps are remembered in a file; as a process, one that is killed at a named
// moment: node load-and-die.ts <root> <run> <failpoint> <definition as JSON>
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import type { JobContext } from "../../../src/core/job/job-context.ts";
import { loadJob, type LoadJobDefinition } from "../../../src/loads/load-job.ts";
import type { LoadResult } from "../../../src/loads/run-loads.ts";
import { type AttemptOptions, DataProject } from "./data-project.ts";
import { lendBucket } from "./publish-and-die.ts";

/** One attempt of a run; a later one of the same run remembers the steps of those before it. */
export async function runLoad(
  project: DataProject,
  definition: LoadJobDefinition,
  { runId = 1, ...options }: AttemptOptions = {},
): Promise<LoadResult> {
  const file = project.path(`steps-${runId}.json`);
  const load = (): Readonly<Record<string, unknown>> =>
    existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : {};
  const ctx = {
    data: project.attempt({ runId, ...options }),
    log: { info: () => undefined, warn: () => undefined },
    async step(name: string, work: () => unknown) {
      const known = load()[name];
      if (known !== undefined) return known;
      const value = await work();
      writeFileSync(file, JSON.stringify({ ...load(), [name]: value }));
      return value;
    },
  };
  return (await loadJob(definition).execute(ctx as unknown as JobContext)) as LoadResult;
}

if (process.argv[1] === import.meta.filename) {
  const [, , root = "", runId, failpoint, definition = ""] = process.argv;
  await lendBucket();
  await runLoad(DataProject.open(root), JSON.parse(definition) as LoadJobDefinition, {
    runId: Number(runId),
    failpoint(name) {
      if (name !== failpoint) return;
      // A process that is killed does not keep what it compiled.
      flushCompileCache();
      process.kill(process.pid, "SIGKILL");
    },
  });
}
