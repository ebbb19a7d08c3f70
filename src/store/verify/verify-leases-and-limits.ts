// Invariants of what surrounds runs: leases and their workers, slots of limits, requests, keys, schedules.
import type { Check } from "./verify-check.ts";

/** A lease of a worker that is dead for longer means that nobody reaps. */
const orphanBoundMs = 60_000;

// A gate's name as it stands in the JSON of `lane.gates`.
const gateInJson = String.raw`'"' || replace(replace(slot.gate, '\', '\\'), '"', '\"') || '"'`;

// How many names that JSON holds. Names have a prefix, so none of them is a comma alone.
const gateCount = `case lane.gates when '[]' then 0
  else 1 + (length(lane.gates) - length(replace(lane.gates, '","', ''))) / 3 end`;

const hotTables = ["waiting", "scheduled", "ready", "parked", "lease"];

export const leaseChecks: readonly Check[] = [
  {
    // A tick that started a run names it.
    invariant: "I5",
    sql: `select 'schedule ' || schedule || ' started no run at ' || fire_at as message
      from schedule_fire where decision = 'run' and run_id is null`,
  },
  {
    // Nothing else names one but an instant whose window another run had, and the run was made. Runs that retention removed are known by their ids alone.
    invariant: "I5",
    sql: `select 'schedule ' || schedule || ' names run r' || run_id || ' for its tick at ' || fire_at as message
      from schedule_fire where run_id is not null
      and (decision not in ('run', 'filled') or run_id < 1 or run_id > (select coalesce(max(id), 0) from run))`,
  },
  {
    // A run is the work of one tick at most.
    invariant: "I5",
    sql: `select 'run r' || run_id || ' is the run of ' || count(*) || ' ticks' as message
      from schedule_fire where decision = 'run' and run_id is not null group by run_id having count(*) > 1`,
  },
  {
    // No two runs that schedules and backfills made fill one window. A person may run one again.
    invariant: "I5",
    sql: `select 'window ' || window_from || ' to ' || window_to || ' of ' || job || ' is filled by run r' || min(id) || ' and run r'
        || max(id) as message
      from (select run.id, run.job, run.tenant, run.params_key, run.window_from, run.window_to
        from run left join outcome o on o.run_id = run.id
        where run.params_key is not null
        and (o.run_id is null or (o.state = 'FINISHED' and coalesce(o.reason, '') <> 'skipped'))
        and (run.id in (select run_id from schedule_fire where decision = 'run')
          or run.parent_run_id in (select id from run where kind = 'pipeline' and job like 'backfill:%'))) fills
      group by job, tenant, params_key, window_from, window_to having count(*) > 1`,
  },
  {
    // What has fired lies before what fires next.
    invariant: "I5",
    sql: `select 'schedule ' || schedule || ' fired at ' || fire_at || ', which is not before ' || next_fire_at as message
      from schedule_fire join schedule on schedule.name = schedule_fire.schedule
      where fire_at >= next_fire_at and fire_at = last_fire_at`,
  },
  {
    // No lease outlives its worker for long.
    invariant: "I7",
    sql: `select 'run r' || run_id || ' is leased to worker ' || worker_id || ', which is ' || coalesce(state, 'unknown')
        as message
      from lease left join worker on worker.id = lease.worker_id
      where worker.id is null or (state <> 'active' and ended_at + ${orphanBoundMs} < ?)
      or (state = 'active' and expires_at + ${orphanBoundMs} < ?)`,
    times: ({ nowMs, aliveMs }) => [nowMs, aliveMs],
  },
  {
    // A slot belongs to a lease, whose lane names the gate.
    invariant: "I8",
    sql: `select 'run r' || slot.run_id || ' holds a slot of ' || slot.gate || ' that it does not need' as message
      from slot left join lease on lease.run_id = slot.run_id left join lane on lane.id = lease.lane_id
      where lane.id is null or replace(lane.gates, ${gateInJson}, '') = lane.gates`,
  },
  {
    // A lease holds a slot of each gate of its lane.
    invariant: "I8",
    sql: `select 'run r' || run_id || ' holds ' || held || ' slots and needs ' || needed as message
      from (select lease.run_id, (select count(*) from slot where slot.run_id = lease.run_id) as held,
        ${gateCount} as needed from lease join lane on lane.id = lease.lane_id) leased
      where held < needed`,
  },
  {
    // No gate has more slots taken than it has. A limit that was lowered below what ran at the time is kept from then on.
    invariant: "I8",
    sql: `select 'gate ' || gate.name || ' holds ' || count(*) || ' runs of at most ' || gate.capacity as message
      from gate join slot on slot.gate = gate.name where gate.lowered = 0
      group by gate.name, gate.capacity having count(*) > gate.capacity`,
  },
  {
    // What was asked of a run waits for its lease to end, or for its upstream.
    invariant: "I10",
    sql: `select 'run r' || request.run_id || ' has a request but neither executes nor waits' as message
      from request left join lease on lease.run_id = request.run_id left join waiting on waiting.run_id = request.run_id
      where lease.run_id is null and waiting.run_id is null`,
  },
  {
    // A key is taken while its run is unfinished.
    invariant: "I10",
    sql: `select 'run r' || run_key.run_id || ' has ended and still holds its key' as message
      from run_key join outcome on outcome.run_id = run_key.run_id`,
  },
  {
    // Keys belong to the roots that were submitted with them.
    invariant: "I10",
    sql: `select 'run r' || run_key.run_id || ' holds a key that is not its own' as message
      from run_key left join run on run.id = run_key.run_id
      where run.parent_run_id is not null or run.run_key is distinct from run_key.key`,
  },
  {
    // Hot rows are in the lane of their run's job.
    invariant: "I10",
    sql: `select 'run r' || hot.run_id || ' is in a lane of another job' as message
      from (${hotTables.map((table) => `select run_id, lane_id from ${table}`).join(" union all ")}) hot
      join run on run.id = hot.run_id left join lane on lane.id = hot.lane_id
      where lane.id is null or lane.job <> run.job or lane.tenant <> run.tenant`,
  },
];
