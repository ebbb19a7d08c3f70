// Invariants of runs: where they are, how they ended, what they wrote, in which order they went.
import type { Check } from "./verify-check.ts";

// Every hot table with its name, as rows of (run_id, held, epoch).
const hotRows = `select run_id, 'waiting' as held, epoch from waiting
  union all select run_id, 'scheduled', epoch from scheduled union all select run_id, 'ready', epoch from ready
  union all select run_id, 'parked', epoch from parked union all select run_id, 'lease', epoch from lease`;

const placedRows = `${hotRows} union all select run_id, 'outcome', epoch from outcome`;

const placedTables = ["waiting", "scheduled", "ready", "parked", "lease", "outcome"];

const ended = "('finished', 'failed')";

// Ends that need no completion: upstream decided, a person did, or the last loss.
const endedFromOutside = "('skipped', 'upstream_failed', 'stopped', 'force_stopped', 'cancelled')";

export const runChecks: readonly Check[] = [
  {
    // A finished run is not live at the same time. (The primary key of `outcome` allows one outcome.)
    invariant: "I1",
    sql: `select 'run r' || outcome.run_id || ' has an outcome and is in ' || held as message
      from (${hotRows}) hot join outcome on outcome.run_id = hot.run_id`,
  },
  {
    // Epochs never go back: a lease is newer than every ended attempt, what waits or ended is at least as new.
    invariant: "I2",
    sql: `select 'run r' || placed.run_id || ' has epoch ' || placed.epoch || ' in ' || held
        || ' after an attempt with epoch ' || newest as message
      from (${placedRows}) placed
      join (select run_id, epoch as newest from attempt_log) ended on ended.run_id = placed.run_id
      where placed.epoch < newest or (held = 'lease' and placed.epoch = newest)`,
  },
  {
    // The newer one of two checkpoints has no older epoch, or else a lost attempt was allowed to write.
    invariant: "I2",
    sql: `select 'run r' || run_id || ' has checkpoint ' || version || ' of epoch ' || epoch || ' after one of epoch '
        || before as message
      from (select run_id, version, epoch, max(epoch) over (partition by run_id order by version
        rows between unbounded preceding and 1 preceding) as before from checkpoint) versions
      where epoch < before`,
  },
  {
    // What a run wrote has the epoch of one of its claims.
    invariant: "I2",
    sql: `select 'run r' || written.run_id || ' has a ' || what || ' of epoch ' || written.epoch
        || ', which was never claimed' as message
      from (select run_id, 'checkpoint' as what, epoch from checkpoint union all select run_id, 'unit', epoch from unit
        union all select run_id, 'step', epoch from step) written
      where not exists (select 1 from attempt_log a where a.run_id = written.run_id and a.epoch = written.epoch)
      and not exists (select 1 from lease l where l.run_id = written.run_id and l.epoch = written.epoch)`,
  },
  {
    // A run finishes at most once. Failures before may be several: each rerun by a person takes the outcome back.
    invariant: "I3",
    sql: `select 'run r' || run_id || ' has ' || count(*) || ' accepted completions' as message
      from attempt_log where "end" = 'finished' group by run_id having count(*) > 1`,
  },
  {
    // Nothing completes after a run has finished.
    invariant: "I3",
    sql: `select 'run r' || f.run_id || ' went on after it had finished' as message
      from attempt_log f join attempt_log later on later.run_id = f.run_id and later.epoch > f.epoch
      where f."end" = 'finished'`,
  },
  {
    // Each failure but the newest was taken back by a rerun or a forced start, which is in the history.
    invariant: "I3",
    sql: `select 'run r' || run_id || ' has ' || failures || ' accepted completions after ' || reruns || ' reruns' as message
      from (select a.run_id, count(*) as failures, (select count(*) from event e where e.run_id = a.run_id
        and e.type in ('rerun', 'force_started')) as reruns from attempt_log a where a."end" = 'failed' group by a.run_id) f
      where failures > reruns + 1`,
  },
  {
    // A newest completion is the run's outcome, unless somebody gave the run another try.
    invariant: "I3",
    sql: `select 'run r' || a.run_id || ' completed with epoch ' || a.epoch || ' but has no such outcome' as message
      from attempt_log a left join outcome o on o.run_id = a.run_id and o.epoch = a.epoch
        and o.state = case a."end" when 'finished' then 'FINISHED' else 'ERROR' end
      where a."end" in ${ended} and o.run_id is null
      and not (a."end" = 'failed' and exists (select 1 from event e where e.run_id = a.run_id
        and e.type in ('rerun', 'force_started')))`,
  },
  {
    // An outcome comes from a completion, from a last loss, from upstream, or from a person.
    invariant: "I3",
    sql: `select 'run r' || o.run_id || ' ended ' || o.state || ' without an accepted completion' as message
      from outcome o left join attempt_log a on a.run_id = o.run_id and a.epoch = o.epoch
      where not (
        (o.state = 'FINISHED' and coalesce(a."end", '') = 'finished') or (o.state = 'ERROR' and coalesce(a."end", '') = 'failed')
        or (coalesce(o.reason, '') = 'lost' and coalesce(a."end", '') = 'lost')
        or (coalesce(o.reason, '') in ${endedFromOutside} and coalesce(a."end", '') not in ${ended}))`,
  },
  {
    // Versions of a dataset count from 1 without gaps.
    invariant: "I3",
    sql: `select 'dataset ' || name || ' has ' || count(*) || ' versions, numbered ' || min(version) || ' to ' || max(version)
        as message
      from dataset group by name having min(version) <> 1 or max(version) <> count(*)`,
  },
  {
    // Each dataset version was made by a run that was claimed. Runs that retention removed are known by their ids alone.
    invariant: "I3",
    sql: `select 'version ' || version || ' of dataset ' || name || ' names run r' || run_id || ', which never ran' as message
      from dataset where not exists (select 1 from attempt_log a where a.run_id = dataset.run_id)
      and not exists (select 1 from lease l where l.run_id = dataset.run_id)
      and (exists (select 1 from run where run.id = dataset.run_id)
        or dataset.run_id > (select coalesce(max(id), 0) from run) or dataset.run_id < 1)`,
  },
  {
    // Events of a run count from 1 without gaps, and each run has at least the one of its submission.
    invariant: "I6",
    sql: `select 'run r' || run.id || ' has ' || count(seq) || ' events, numbered ' || coalesce(min(seq), 0) || ' to '
        || coalesce(max(seq), 0) as message
      from run left join event on event.run_id = run.id group by run.id
      having count(seq) = 0 or min(seq) <> 1 or max(seq) <> count(seq)`,
  },
  {
    // The stream of all runs has the events of a run in their order. Those that are older than the stream have no position.
    invariant: "I6",
    sql: `select 'run r' || event.run_id || ' has event ' || event.seq || ' before the one that precedes it in the stream'
        as message
      from event join event before on before.run_id = event.run_id and before.seq = event.seq - 1
      where event.id <= before.id or (event.id is null and before.id is not null)`,
  },
  {
    // A run that was let go has no unfinished parent, whatever the policy, unless a person started it by force.
    invariant: "I9",
    sql: `select 'run r' || edge.child_id || ' was let go before r' || edge.parent_id || ' ended' as message
      from edge left join outcome parent on parent.run_id = edge.parent_id
      left join waiting on waiting.run_id = edge.child_id
      left join outcome child on child.run_id = edge.child_id
      where parent.run_id is null and waiting.run_id is null and edge.child_id in (select id from run)
      and not (coalesce(child.reason, '') in ${endedFromOutside})
      and not exists (select 1 from event e where e.run_id = edge.child_id and e.type = 'force_started')
      and not exists (select 1 from event e where e.run_id = edge.parent_id and e.type in ('rerun', 'force_started'))`,
  },
  {
    // A run whose edge does not say 'continue' did not start after a parent that failed or was skipped,
    // unless a person gave one of the two another try.
    invariant: "I9",
    sql: `select 'run r' || edge.child_id || ' was let go although r' || edge.parent_id || ' did not finish' as message
      from edge join outcome parent on parent.run_id = edge.parent_id
      left join outcome child on child.run_id = edge.child_id
      where edge.policy <> 'continue' and (parent.state = 'ERROR' or coalesce(parent.reason, '') = 'skipped')
      and not exists (select 1 from fan_out f where f.parent_id = edge.parent_id and f.child_id < edge.child_id)
      and not (coalesce(child.reason, '') in ${endedFromOutside})
      and not exists (select 1 from event e where e.run_id = edge.child_id
        and e.type in ('rerun', 'force_started'))
      and not exists (select 1 from event e where e.run_id = edge.parent_id and e.type in ('rerun', 'force_started'))`,
  },
  {
    // The counter of a waiting run is the number of its parents that are unfinished or have an end on its way to it.
    invariant: "I9",
    sql: `select 'run r' || waiting.run_id || ' waits for ' || pending || ' runs, unfinished are ' || unfinished as message
      from waiting join (select waiting.run_id,
          count(edge.parent_id) - count(outcome.run_id) + count(fan_out.parent_id) as unfinished
        from waiting left join edge on edge.child_id = waiting.run_id
        left join outcome on outcome.run_id = edge.parent_id
        left join fan_out on fan_out.parent_id = edge.parent_id and fan_out.child_id < edge.child_id
        group by waiting.run_id) actual
      on actual.run_id = waiting.run_id where pending <> unfinished or pending < 1`,
  },
  {
    // A run knows that others wait for it, or its end would not let them go.
    invariant: "I9",
    sql: `select 'run r' || placed.run_id || ' does not know that others wait for it' as message
      from (${placedTables.map((table) => `select run_id from ${table} where has_children = 0`).join(" union all ")}) placed
      where exists (select 1 from edge where edge.parent_id = placed.run_id)`,
  },
  {
    // An end that has not reached all dependants is the end of something.
    invariant: "I9",
    sql: `select 'run r' || fan_out.parent_id || ' has dependants to reach but no outcome' as message
      from fan_out left join outcome on outcome.run_id = fan_out.parent_id where outcome.run_id is null`,
  },
  {
    // A run is in exactly one of the hot tables and `outcome`. (I1 says which when the outcome is one of two.)
    invariant: "I10",
    sql: `select 'run r' || run.id || ' is in ' || count(held) || ' tables: '
        || coalesce(min(held) || case when count(held) > 1 then ', ' || max(held) else '' end, 'none') as message
      from run left join (${placedRows}) placed on placed.run_id = run.id group by run.id having count(held) <> 1`,
  },
  {
    // What is in a hot table or has an outcome was submitted.
    invariant: "I10",
    sql: `select 'run r' || placed.run_id || ' is in ' || held || ' but was never submitted' as message
      from (${placedRows}) placed where not exists (select 1 from run where run.id = placed.run_id)`,
  },
];
