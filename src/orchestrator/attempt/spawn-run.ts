// `ctx.spawn`: a handler starts a run of another job, once, and may wait for its result without holding a worker.
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { Job } from "../../core/job/job.ts";
import type { JobContext, SpawnedRun, SpawnOptions } from "../../core/job/job-context.ts";
import { isJobReference, type JobReference, toJobName } from "../../core/job/job-reference.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { Json } from "../../store/rows/run-records.ts";
import type { CreateJobContextInput } from "./job-context-input.ts";
import { unexpected } from "./assert-argument.ts";
import { StepNames } from "./step-names.ts";
import { toJson } from "./to-json.ts";

type SpawnInput = Pick<CreateJobContextInput, "job" | "lease" | "now" | "yieldPoint">;

/** Looks at a spawned run come further apart as it takes longer: its end is noticed within a quarter of its time. */
const soonestLookMs = 200;
const latestLookMs = 30_000;

/** `ctx.spawn` of one attempt. */
export function createSpawn(input: SpawnInput): JobContext["spawn"] {
  const names = new StepNames("spawn");
  return async (
    job: string | JobReference,
    params: Readonly<Record<string, unknown>> = {},
    options: SpawnOptions = {},
  ): Promise<SpawnedRun<never>> => {
    input.yieldPoint.assertOpen();
    assertJob(job);
    assertParams(params);
    const jobName = toJobName(job);
    assertDeclared(input.job, jobName);
    const name = names.next(options.name).slice("spawn:".length);
    const json = Object.fromEntries(Object.entries(params).map(([key, value]): [string, Json] => [key, toJson(value)]));
    return toSpawnedRun(input, await input.lease.spawn(name, jobName, json));
  };
}

// A job is known by its name: the run executes what the project of its worker defines.
function assertJob(job: unknown): void {
  if (typeof job === "string" || isJobReference(job)) return;
  throw unexpected("job of ctx.spawn", "the name of a job, or a job", job);
}

// What a job may start is known when its project is loaded, so that a name that nobody has is found before a run needs it.
function assertDeclared({ name, spawns }: Pick<Job, "name" | "spawns">, spawned: string): void {
  if (spawns.includes(spawned)) return;
  const message = `job \`${name}\` starts a job that is not among its \`spawns\`: \`${spawned}\`${suggest(spawned, spawns)}`;
  throw new MillraceError("JOB_UNKNOWN", message, {
    hint: `declare it: \`spawns: [${[...spawns, spawned].map((known) => `"${known}"`).join(", ")}]\``,
  });
}

function assertParams(params: unknown): void {
  if (typeof params === "object" && params !== null && !Array.isArray(params)) return;
  throw unexpected("params of ctx.spawn", "an object", params, "a `name` goes into the third argument");
}

function toSpawnedRun({ lease, yieldPoint, now }: SpawnInput, runId: RunId): SpawnedRun<never> {
  return {
    runId,
    async result() {
      yieldPoint.safePlace();
      const spawned = await lease.findRun(runId);
      if (spawned === undefined) throw new MillraceError("RUN_UNKNOWN", `unknown run \`${formatRunId(runId)}\``);
      // The type is that of the job which was started, as JSON gives it back.
      if (spawned.state === "FINISHED") return spawned.result as never;
      if (spawned.state === "ERROR") {
        const { code = "JOB_FAILED", message = spawned.reason ?? "it failed" } = spawned.error ?? {};
        throw new MillraceError(code, `run \`${formatRunId(runId)}\` of \`${spawned.job}\` failed: ${message}`, {
          disposition: "fail",
        });
      }
      const ageMs = Math.max(0, now() - spawned.createdAtMs);
      return yieldPoint.giveBack(Math.min(Math.max(ageMs / 4, soonestLookMs), latestLookMs));
    },
  };
}
