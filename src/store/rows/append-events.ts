// Adds to the history of runs. `seq` is dense per run: whoever appends holds the run's row in its hot table, so there is
// one writer a run at a time. Rows go in by `seq`, so that their positions in the stream of all runs have the same order.
import type { RunId } from "../../core/run-id.ts";
import type { Json } from "./run-records.ts";
import { run, rowList, type Script } from "./script.ts";

export interface EventRow {
  readonly runId: RunId;
  readonly type: string;
  readonly data?: Json | undefined;
}

/** In the order given; one seek to the end of each run's events and one insert beside it. */
export function* appendEvents(events: readonly EventRow[], nowMs: number): Script<void> {
  if (events.length === 0) return;
  yield* run(
    `insert into event (run_id, seq, type, data, at)
    select e.run_id, coalesce((select max(seq) from event x where x.run_id = e.run_id), 0)
      + row_number() over (partition by e.run_id order by e.position), e.type, e.data, cast(? as bigint)
    from (select cast(r.value ->> 'run' as bigint) as run_id, r.key as position, r.value ->> 'type' as type,
      r.value ->> 'data' as data from (rows ?) r) e order by e.position`,
    nowMs,
    rowList(events.map(({ runId, type, data }) => ({ run: runId, type, data: encode(data) }))),
  );
}

/** The first event of new runs, which need no look for the newest. */
export function* appendFirstEvents(events: readonly EventRow[], nowMs: number): Script<void> {
  yield* run(
    `insert into event (run_id, seq, type, data, at)
    select cast(r.value ->> 'run' as bigint), 1, r.value ->> 'type', r.value ->> 'data', cast(? as bigint)
    from (rows ?) r order by r.key`,
    nowMs,
    rowList(events.map(({ runId, type, data }) => ({ run: runId, type, data: encode(data) }))),
  );
}

function encode(data: Json | undefined): string | null {
  return data === undefined ? null : JSON.stringify(data);
}
