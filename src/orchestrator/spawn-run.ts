// `ctx.spawn`: a handler starts a run of another job, once, and may wait for its result without holding a worker.
import { MillraceError } from "../core/errors.ts";
import type { JobContext, SpawnedRun } from "../core/job-context.ts";
import { formatRunId, type RunId } from "../core/run-id.ts";
import type { Json } from "../store/run-records.ts";
import type { CreateJobContextInput } from "./create-job-context.ts";
import { giveBack } from "./durable-waits.ts";
import { toJson } from "./to-json.ts";
import { toSubmission } from "./to-submission.ts";

type SpawnInput = Pick<CreateJobContextInput, "run" | "lease" | "store" | "registry" | "pause">;

/** Time between two looks at a spawned run; also what its end may go unnoticed for. */
const lookEveryMs = 1_000;

/** `ctx.spawn` of one attempt. */
export function createSpawn(input: SpawnInput): JobContext["spawn"] {
  let count = 0;
  return async (job, params = {}, options = {}) => {
    const { run, lease, registry } = input;
    const name = options.name ?? String((count += 1));
    const json = Object.fromEntries(Object.entries(params).map(([key, value]): [string, Json] => [key, toJson(value)]));
    const { runKey: _everyTimeAnew, ...submission } = toSubmission(registry.job(job), {
      params: json,
      tenant: run.tenant,
      createdBy: formatRunId(run.runId),
    });
    const { rootRunId } = await lease.spawn(name, submission);
    return toSpawnedRun(input, rootRunId);
  };
}

function toSpawnedRun(input: SpawnInput, runId: RunId): SpawnedRun {
  return {
    runId,
    async result() {
      const child = await input.store.findRun(runId);
      if (child?.state === "FINISHED") return child.result;
      if (child?.state === "ERROR") {
        const { code = "JOB_FAILED", message = child.reason ?? "it failed" } = child.error ?? {};
        throw new MillraceError(code, `run \`${formatRunId(runId)}\` of \`${child.job}\` failed: ${message}`, {
          disposition: "fail",
        });
      }
      return giveBack(input, lookEveryMs);
    },
  };
}
