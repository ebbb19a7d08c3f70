// Runs that handlers ask for: once per name in the life of a run, and never in a circle.
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import { boundTo } from "./bound-runs.ts";
import type { PreparedSubmission } from "./prepare-submission.ts";
import type { Fence, SubmitResult, WorkerId } from "../rows/run-records.ts";
import { all, one, run, type Script } from "../rows/script.ts";
import { assertLease } from "../rows/fence.ts";
import { submit } from "./submit.ts";

/** How far down handlers may go on spawning. */
const maxDepth = 32;

/** The run that this name stands for, made by this call or by an earlier attempt. @throws MillraceError `RUN_LOST` | `SPAWN_CYCLE` */
export function* spawn(
  fence: Fence,
  name: string,
  submission: PreparedSubmission,
  nowMs: number,
): Script<SubmitResult> {
  yield* assertLease(fence);
  const step = `spawn:${name}`;
  const made = yield* one<{ value: string }>("select value from step where run_id = ? and name = ?", fence.runId, step);
  if (made !== undefined) {
    const rootRunId = Number(made.value) as RunId;
    return { rootRunId, runIds: [rootRunId], created: false };
  }
  yield* assertNoCycle(fence.runId, submission);
  const owner = yield* findOwner(fence);
  const [result] = yield* submit([{ ...submission, spawnedBy: fence.runId, boundTo: owner }], nowMs);
  if (result === undefined) throw new RangeError("no result for the spawned run");
  const sql = "insert into step (run_id, name, value, epoch, at) values (?, ?, ?, ?, ?)";
  yield* run(sql, fence.runId, step, String(result.rootRunId), fence.epoch, nowMs);
  return result;
}

// What a bound run spawns is bound as it is.
function* findOwner({ runId }: Fence): Script<WorkerId | undefined> {
  const sql = "select lane.gates from lease join lane on lane.id = lease.lane_id where lease.run_id = ?";
  const row = yield* one<{ gates: string }>(sql, runId);
  return row === undefined ? undefined : boundTo(JSON.parse(row.gates) as string[]);
}

interface Ancestor {
  readonly id: RunId;
  readonly job: string;
  readonly params: string;
  readonly depth: number;
}

function* assertNoCycle(runId: RunId, { runs: [root] }: PreparedSubmission): Script<void> {
  if (root === undefined) return;
  // From the spawning run to its pipeline, to the run that spawned that one, and so on; one primary key look-up a step.
  const ancestors = yield* all<Ancestor>(
    `with recursive line (id, job, params, next_id, depth) as (
      select id, job, params, coalesce(spawned_by, parent_run_id), 1 from run where id = ?
      union all select run.id, run.job, run.params, coalesce(run.spawned_by, run.parent_run_id), line.depth + 1
        from line ordered join run on run.id = line.next_id where line.depth < 100)
    select id, job, params, depth from line`,
    runId,
  );
  const same = ancestors.find(({ job, params }) => job === root.run.job && params === root.paramsJson);
  if (same !== undefined) {
    const message = `run \`${formatRunId(runId)}\` would start \`${root.run.job}\` again, which led to it as \`${formatRunId(same.id)}\``;
    throw new MillraceError("SPAWN_CYCLE", message, {
      hint: "give the spawned run other params, or loop inside the job",
    });
  }
  if (ancestors.length < maxDepth) return;
  throw new MillraceError(
    "SPAWN_CYCLE",
    `expected at most \`${maxDepth}\` runs to start each other, got: \`${root.run.job}\``,
    {
      hint: "a job that starts itself with ever other params has no end; loop inside the job",
    },
  );
}
