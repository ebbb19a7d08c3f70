// The state of a run is not stored: it is which table holds the run `r`.

/** Every table that may hold it, and what people asked of it while it waits. */
export const stateJoins = `left join outcome o on o.run_id = r.id left join lease l on l.run_id = r.id
  left join ready q on q.run_id = r.id left join scheduled s on s.run_id = r.id
  left join waiting w on w.run_id = r.id left join parked p on p.run_id = r.id
  left join request rq on rq.run_id = w.run_id and rq.action = 'pause'
  left join pipeline_start ps on ps.run_id = r.id`;

/** A pipeline runs from the first claim of a member to its own outcome, whichever hot table it waits in. */
export const stateColumn = `case when o.run_id is not null then o.state when p.run_id is not null or rq.run_id is not null then 'PAUSED'
  when l.run_id is not null or ps.run_id is not null then 'RUNNING' else 'PENDING' end`;

/** When the first attempt of run `r` that has ended started: the first row of the primary key of its attempts. */
export const firstAttemptColumn: string =
  "(select a.started_at from attempt_log a where a.run_id = r.id order by a.epoch limit 1)";

/** When it started for the first time: of a pipeline, with the first of its members. Later attempts change nothing. */
export const startedColumn: string = `coalesce(ps.started_at, case when r.kind = 'job' then ${firstAttemptColumn} end, l.started_at)`;

/** Why it is there; null where the state says it all. */
export const reasonColumn = `case when o.run_id is not null then o.reason when p.run_id is not null then p.scheduled_reason
  when s.run_id is not null then s.reason when w.run_id is not null and r.kind = 'job' then 'waiting_upstream' end`;
