// What publications left out because the contract of their dataset says so, from the histories of the runs that published it.
import type { JobEventRow } from "../rows/job-event-row.ts";
import { listNewestOfJobs } from "../rows/recent-runs.ts";
import type { Json } from "../rows/run-records.ts";
import { all, idList, type Script } from "../rows/script.ts";
import type { DiscardedRecord } from "./browse-store.ts";

/** Runs of a job whose histories are read. */
const maxRunsOfJob = 50;

/** Newest run first. */
export function* listDiscarded(dataset: string, jobs: readonly string[]): Script<readonly DiscardedRecord[]> {
  const ids = yield* listNewestOfJobs([...new Set(jobs)], maxRunsOfJob);
  if (ids.length === 0) return [];
  const events = yield* all<JobEventRow>(
    `select e.run_id as "runId", r.job, e.seq, e.type, e.data, e.at as "atMs"
    from event e ordered join run r on r.id = e.run_id
    where e.run_id in (ids ?) and e.type = 'schema_changed' order by e.run_id desc, e.seq`,
    idList(ids),
  );
  return events.flatMap(({ runId, job, atMs, data }) =>
    toDiscarded(data, dataset).map((each) => ({ ...each, runId, job, atMs })),
  );
}

// As publishing writes it; jobs may write events of that name, too.
function toDiscarded(text: string | null, dataset: string): readonly Omit<DiscardedRecord, "runId" | "job" | "atMs">[] {
  const data = fieldsOf(text === null ? null : (JSON.parse(text) as Json));
  if (data["dataset"] !== dataset || !Array.isArray(data["discarded"])) return [];
  return data["discarded"].flatMap((each: Json) => {
    const { column, type, count } = fieldsOf(each);
    const isWhole = typeof column === "string" && typeof type === "string" && typeof count === "number";
    return isWhole ? [{ column, type, count }] : [];
  });
}

function fieldsOf(data: Json): Readonly<Record<string, Json>> {
  const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
  return isObject ? (data as Readonly<Record<string, Json>>) : {};
}
