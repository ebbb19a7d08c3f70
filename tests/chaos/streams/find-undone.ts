// What of a project is not done although nobody works any more: runs, batches, groups behind their topics, dead letters.
import type { StoreRow } from "./kill-place.ts";

const runsSql = `select r.job, coalesce(o.state, 'no end') as state, o.error, count(*) as n from run r
  left join outcome o on o.run_id = r.id
  where r.job in ('feed', 'keep') and coalesce(o.state, '') <> 'FINISHED' group by 1, 2, 3`;
const batchesSql = "select state, records, number from stream_batch where state <> 'done'";
const lettersSql =
  "select group_name, error_code as error, error_message as message, count(*) as n from stream_dead_letter group by 1, 2, 3";
const parkedSql = "select group_name, count(*) as n from stream_parked group by 1";

/** Findings, by what the store says. */
export async function findUndone(query: (sql: string) => Promise<readonly StoreRow[]>): Promise<readonly string[]> {
  const [runs, batches, letters, parked] = [
    await query(runsSql),
    await query(batchesSql),
    await query(lettersSql),
    await query(parkedSql),
  ];
  return [
    ...runs.map(({ job, state, error, n }) => `${String(n)} runs of ${String(job)}: ${String(state)} ${String(error)}`),
    ...batches.map(
      ({ state, records, number }) => `batch ${String(number)} of ${String(records)} records is ${String(state)}`,
    ),
    ...letters.map(
      ({ group_name: group, error, message, n }) =>
        `${String(n)} dead letters of ${String(group)}: ${String(error)} ${String(message)}`,
    ),
    ...parked.map(({ group_name: group, n }) => `${String(n)} parked records of ${String(group)}`),
  ];
}

const states = {
  runs: "select r.id, r.job, r.params, o.state, o.error from run r left join outcome o on o.run_id = r.id order by r.id desc limit 40",
  losses: "select * from loss",
  batches: "select * from stream_batch order by number desc limit 20",
  groups: "select * from stream_group",
  leases: "select * from stream_lease order by group_name, partition",
  offsets: "select * from stream_offset order by group_name, topic, partition",
  heads: "select t.name, h.* from stream_head h join stream_topic t on t.id = h.topic_id",
} as const;

/** All that is known of the state of runs, batches and groups, for people. */
export async function describeState(query: (sql: string) => Promise<readonly StoreRow[]>): Promise<string> {
  const parts: string[] = [];
  for (const [name, sql] of Object.entries(states)) {
    const rows = await query(sql).catch((error: unknown) => [{ error: String(error) }]);
    parts.push(`${name}\n${rows.map((row) => `  ${JSON.stringify(row)}\n`).join("")}`);
  }
  return parts.join("\n");
}
