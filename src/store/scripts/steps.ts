// Results of a run's steps; the first that was accepted stays.
import type { RunId } from "../../core/run-id.ts";
import type { Fence, Json } from "../run-records.ts";
import { one, run, type Script } from "../script.ts";
import { assertLease } from "./fence.ts";

/** Remembers a step's result. @throws MillraceError `RUN_LOST` */
export function* saveStep(fence: Fence, name: string, value: Json, nowMs: number): Script<void> {
  yield* assertLease(fence);
  const sql = "insert into step (run_id, name, value, epoch, at) values (?, ?, ?, ?, ?) on conflict do nothing";
  yield* run(sql, fence.runId, name, JSON.stringify(value), fence.epoch, nowMs);
}

/** The result in an object, because it may be null; `undefined` when the step has not run. */
export function* loadStep(runId: RunId, name: string): Script<{ readonly value: Json } | undefined> {
  const row = yield* one<{ value: string }>("select value from step where run_id = ? and name = ?", runId, name);
  return row === undefined ? undefined : { value: JSON.parse(row.value) as Json };
}
