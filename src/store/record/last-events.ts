// The end of the history of a run and of the runs in it, whatever each of them wrote last.
import type { JobEventRow } from "../rows/job-event-row.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Json, RunEvent } from "../rows/run-records.ts";
import { all, idList, type Script } from "../rows/script.ts";
import { listWithMembers } from "./list-with-members.ts";

/** By time, oldest first. Each of the runs adds at most `limit` events, the range at the end of its primary key. */
export function* listLastEvents(runId: RunId, limit: number): Script<readonly (RunEvent & { readonly job: string })[]> {
  const rows = yield* all<JobEventRow>(
    `select r.id as "runId", r.job, e.seq, e.type, e.data, e.at as "atMs" from run r ordered join event e on e.run_id = r.id
      and e.seq > (select max(newest.seq) from event newest where newest.run_id = r.id) - cast(? as bigint)
    where r.id in (ids ?) order by e.at desc, r.id desc, e.seq desc limit ?`,
    limit,
    idList(yield* listWithMembers(runId)),
    limit,
  );
  return rows
    .toReversed()
    .map(({ data, ...event }) => (data === null ? event : { ...event, data: JSON.parse(data) as Json }));
}
