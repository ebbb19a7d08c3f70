// What units of a job failed with in its newest runs.
import { all, type Script } from "../rows/script.ts";
import type { UnitFailure, UnitFailureQuery } from "./state-store.ts";

/** Runs that are looked at, the newest first. */
const lookedAtRuns = 50;

/** Newest first: a range of the index of runs, and one of the failed units of each. */
export function* listUnitFailures({ job, loop, limit }: UnitFailureQuery): Script<readonly UnitFailure[]> {
  return yield* all<UnitFailure>(
    `select r.tenant, u.unit_key as key, coalesce(u.error, '') as error, u.run_id as "runId", u.at as "atMs"
    from (select id, tenant from run where job = ? order by id desc limit ?) r
    ordered join unit u on u.run_id = r.id and u.loop = ? and u.state = 'failed'
    order by u.run_id desc, u.unit_key limit ?`,
    job,
    lookedAtRuns,
    loop,
    Math.max(0, limit),
  );
}
