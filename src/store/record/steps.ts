// Results of a run's steps; the first that was accepted stays.
import type { RunId } from "../../core/run-id.ts";
import type { Fence, Json, StepRecord } from "../rows/run-records.ts";
import { one, rowList, run, type Script } from "../rows/script.ts";
import { lockHeldLeases } from "../rows/fence.ts";

/** Steps of many runs. @returns the runs whose lease was gone */
export function* saveSteps(steps: readonly StepRecord[], nowMs: number): Script<readonly RunId[]> {
  const held = yield* lockHeldLeases(steps);
  const isHeld = ({ runId, epoch }: Fence): boolean => held.get(runId) === epoch;
  const accepted = steps.filter(isHeld);
  if (accepted.length > 0) {
    yield* run(
      `insert into step (run_id, name, value, epoch, at)
      select cast(r.value ->> 'run' as bigint), r.value ->> 'name', r.value ->> 'value', cast(r.value ->> 'epoch' as int),
        cast(? as bigint) from (rows ?) r where true on conflict do nothing`,
      nowMs,
      rowList(
        accepted.map(({ runId, epoch, name, value }) => ({ run: runId, epoch, name, value: JSON.stringify(value) })),
      ),
    );
  }
  return steps.filter((step) => !isHeld(step)).map(({ runId }) => runId);
}

/** The result in an object, because it may be null; `undefined` when the step has not run. */
export function* loadStep(runId: RunId, name: string): Script<{ readonly value: Json } | undefined> {
  const row = yield* one<{ value: string }>("select value from step where run_id = ? and name = ?", runId, name);
  return row === undefined ? undefined : { value: JSON.parse(row.value) as Json };
}
