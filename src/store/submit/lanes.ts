// Lanes: runs that differ only in what is asked of them. Rows are never removed, so that a lane id stays true for good.
import { all, rowList, run, type Script } from "../rows/script.ts";

export interface Lane {
  readonly job: string;
  readonly kind: string;
  readonly tenant: string;
  /** JSON array of gate names, sorted. */
  readonly gates: string;
}

/** The id of each lane by its `laneKey`; makes those that are missing. One look-up for lanes that exist. */
export function* findLanes(lanes: Iterable<Lane>): Script<ReadonlyMap<string, number>> {
  const wanted = new Map([...lanes].map((lane) => [laneKey(lane), lane]));
  const found = yield* selectLanes(wanted.values());
  const missing = [...wanted].filter(([key]) => !found.has(key)).map(([, lane]) => lane);
  if (missing.length === 0) return found;
  yield* run(
    `insert into lane (job, kind, tenant, gates)
    select r.value ->> 'job', r.value ->> 'kind', r.value ->> 'tenant', r.value ->> 'gates' from (rows ?) r where true
    order by 1, 2, 3, 4 on conflict (job, kind, tenant, gates) do nothing`,
    rowList(missing.map(toRow)),
  );
  return yield* selectLanes(wanted.values());
}

/** What makes two runs share a lane. */
export function laneKey({ job, kind, tenant, gates }: Lane): string {
  return JSON.stringify([job, kind, tenant, gates]);
}

function* selectLanes(lanes: Iterable<Lane>): Script<ReadonlyMap<string, number>> {
  const rows = yield* all<Lane & { readonly id: number }>(
    `select lane.id, lane.job, lane.kind, lane.tenant, lane.gates from (rows ?) r join lane on lane.job = r.value ->> 'job'
      and lane.kind = r.value ->> 'kind' and lane.tenant = r.value ->> 'tenant' and lane.gates = r.value ->> 'gates'`,
    rowList([...lanes].map(toRow)),
  );
  return new Map(rows.map((lane) => [laneKey(lane), lane.id]));
}

function toRow({ job, kind, tenant, gates }: Lane): { job: string; kind: string; tenant: string; gates: string } {
  return { job, kind, tenant, gates };
}
