// Batches that their groups stand before: who works on them, and another run for one whose run is gone.
import type { RunId } from "../../../core/run-id.ts";
import { all, one, run, type Script } from "../../rows/script.ts";
import type { PreparedSubmission } from "../../submit/prepare-submission.ts";
import { submit } from "../../submit/submit.ts";
import type { OpenBatch } from "./batch-store.ts";

export function* listOpenBatches(): Script<readonly OpenBatch[]> {
  return yield* all<OpenBatch>(
    `select batch.group_name as "group", batch.number, batch.job, batch.run_id as "runId", batch.opened_at as "openedAtMs",
      case when run.id is null then 'gone' when outcome.run_id is null then 'unfinished' else 'ended' end as run
    from stream_batch batch left join run on run.id = batch.run_id left join outcome on outcome.run_id = batch.run_id
    where batch.state = 'open' order by batch.group_name`,
  );
}

/** Nothing is written unless the batch is open and its run is gone. */
export function* reopenBatch(
  group: string,
  number: number,
  submission: PreparedSubmission,
  nowMs: number,
): Script<RunId | undefined> {
  const batch = yield* one<{ state: string; runId: RunId }>(
    `select state, run_id as "runId" from stream_batch where group_name = ? and number = ? for update`,
    group,
    number,
  );
  if (batch?.state !== "open") return undefined;
  if ((yield* one("select id from run where id = ?", batch.runId)) !== undefined) return undefined;
  const [made] = yield* submit([submission], nowMs);
  if (made?.created !== true) return undefined;
  const sql = "update stream_batch set run_id = ? where group_name = ? and number = ?";
  yield* run(sql, made.rootRunId, group, number);
  return made.rootRunId;
}
