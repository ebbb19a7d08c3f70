// The invariants of docs/guarantees.md as queries. Each selects the rows that break it, so an empty store of answers is a
// sound store. They read whole tables: for tests and for people, not for the engine.
import type { InvariantViolation } from "../run-records.ts";
import type { Connection } from "./connection.ts";

/** Runs every query. At most `maxReported` violations of each are listed. */
export function verify(db: Connection, nowMs: number): InvariantViolation[] {
  return checks.flatMap(({ invariant, sql, takesNow }) => {
    const limited = `select message from (${sql}) limit ${maxReported}`;
    const rows = takesNow === true ? db.all<{ message: string }>(limited, nowMs) : db.all<{ message: string }>(limited);
    return rows.map(({ message }) => ({ invariant, message }));
  });
}

const maxReported = 20;

/** A lease of a worker that is dead for longer means that nobody reaps. */
const orphanBoundMs = 60_000;

interface Check {
  readonly invariant: string;
  /** Yields `message`. */
  readonly sql: string;
  /** Has one parameter, the time. */
  readonly takesNow?: true;
}

// Every hot table with its name, as rows of (run_id, held, epoch).
const hotRows = `select run_id, 'waiting' as held, epoch from waiting
  union all select run_id, 'scheduled', epoch from scheduled union all select run_id, 'ready', epoch from ready
  union all select run_id, 'parked', epoch from parked union all select run_id, 'lease', epoch from lease`;

const checks: readonly Check[] = [
  {
    // A finished run is not live at the same time. (The primary key of `outcome` allows one outcome.)
    invariant: "I1",
    sql: `select format('run r%d has an outcome and is in \`%s\`', outcome.run_id, held) as message
      from (${hotRows}) hot join outcome on outcome.run_id = hot.run_id`,
  },
  {
    // Epochs never go back: a lease is newer than every ended attempt, what waits or ended is at least as new.
    invariant: "I2",
    sql: `select format('run r%d has epoch %d in \`%s\` after an attempt with epoch %d', placed.run_id, placed.epoch,
        held, newest) as message
      from (${hotRows} union all select run_id, 'outcome', epoch from outcome) placed
      join (select run_id, max(epoch) as newest from attempt_log group by run_id) ended on ended.run_id = placed.run_id
      where placed.epoch < newest or (held = 'lease' and placed.epoch = newest)`,
  },
  {
    // Of two checkpoints the newer version has no older epoch, or a lost attempt was allowed to write.
    invariant: "I2",
    sql: `select format('run r%d has checkpoint %d of epoch %d after one of epoch %d', run_id, version, epoch, before)
        as message
      from (select run_id, version, epoch, max(epoch) over (partition by run_id order by version
        rows between unbounded preceding and 1 preceding) as before from checkpoint)
      where epoch < before`,
  },
  {
    // What a run wrote has the epoch of one of its claims.
    invariant: "I2",
    sql: `select format('run r%d has a %s of epoch %d, which was never claimed', written.run_id, what, written.epoch)
        as message
      from (select run_id, 'checkpoint' as what, epoch from checkpoint union all select run_id, 'unit', epoch from unit
        union all select run_id, 'step', epoch from step) written
      where not exists (select 1 from attempt_log a where a.run_id = written.run_id and a.epoch = written.epoch)
      and not exists (select 1 from lease l where l.run_id = written.run_id and l.epoch = written.epoch)`,
  },
  {
    // At most one completion of a run was accepted.
    invariant: "I3",
    sql: `select format('run r%d has %d accepted completions', run_id, count(*)) as message
      from attempt_log where end in ('finished', 'failed') group by run_id having count(*) > 1`,
  },
  {
    // An accepted completion is the run's outcome.
    invariant: "I3",
    sql: `select format('run r%d completed with epoch %d but has no such outcome', a.run_id, a.epoch) as message
      from attempt_log a left join outcome o on o.run_id = a.run_id and o.epoch = a.epoch
        and o.state = case a.end when 'finished' then 'FINISHED' else 'ERROR' end
      where a.end in ('finished', 'failed') and o.run_id is null`,
  },
  {
    // An outcome comes from a completion, from a last loss, or from upstream without any claim.
    invariant: "I3",
    sql: `select format('run r%d ended %s without an accepted completion', o.run_id, o.state) as message
      from outcome o left join attempt_log a on a.run_id = o.run_id and a.epoch = o.epoch
      where not (
        (o.state = 'FINISHED' and a.end is 'finished') or (o.state = 'ERROR' and a.end is 'failed')
        or (o.reason is 'lost' and a.end is 'lost')
        or (o.reason in ('skipped', 'upstream_failed') and o.epoch = 0 and a.run_id is null))`,
  },
  {
    // Versions of a dataset count from 1 without gaps.
    invariant: "I3",
    sql: `select format('dataset %s has %d versions, numbered %d to %d', name, count(*), min(version), max(version))
        as message
      from dataset group by name having min(version) <> 1 or max(version) <> count(*)`,
  },
  {
    // Each dataset version was made by a run that was claimed.
    invariant: "I3",
    sql: `select format('version %d of dataset %s names run r%d, which never ran', version, name, run_id) as message
      from dataset where not exists (select 1 from attempt_log a where a.run_id = dataset.run_id)
      and not exists (select 1 from lease l where l.run_id = dataset.run_id)`,
  },
  {
    // Events of a run count from 1 without gaps, and each run has at least the one of its submission.
    invariant: "I6",
    sql: `select format('run r%d has %d events, numbered %d to %d', run.id, count(seq), coalesce(min(seq), 0),
        coalesce(max(seq), 0)) as message
      from run left join event on event.run_id = run.id group by run.id
      having count(seq) = 0 or min(seq) <> 1 or max(seq) <> count(seq)`,
  },
  {
    // No lease outlives its worker for long.
    invariant: "I7",
    sql: `select format('run r%d is leased to worker %d, which is %s', run_id, worker_id, coalesce(state, 'unknown'))
        as message
      from lease left join worker on worker.id = lease.worker_id
      where worker.id is null or coalesce(ended_at, expires_at) + ${orphanBoundMs} < ?`,
    takesNow: true,
  },
  {
    // A run that was let go has no unfinished parent, whatever the policy.
    invariant: "I9",
    sql: `select format('run r%d was let go before r%d ended', edge.child_id, edge.parent_id) as message
      from edge left join outcome parent on parent.run_id = edge.parent_id
      left join waiting on waiting.run_id = edge.child_id
      left join outcome child on child.run_id = edge.child_id
      where parent.run_id is null and waiting.run_id is null
      and not (child.epoch is 0 and child.reason in ('skipped', 'upstream_failed'))`,
  },
  {
    // A run whose edge does not say 'continue' did not start after a parent that failed or was skipped.
    invariant: "I9",
    sql: `select format('run r%d was let go although r%d did not finish', edge.child_id, edge.parent_id) as message
      from edge join outcome parent on parent.run_id = edge.parent_id
      left join outcome child on child.run_id = edge.child_id
      where edge.policy <> 'continue' and (parent.state = 'ERROR' or parent.reason is 'skipped')
      and not (child.epoch is 0 and child.reason in ('skipped', 'upstream_failed'))`,
  },
  {
    // The counter of a waiting run is the number of its unfinished parents, and at least one.
    invariant: "I9",
    sql: `select format('run r%d waits for %d runs, unfinished are %d', waiting.run_id, pending, unfinished) as message
      from waiting join (select waiting.run_id, count(edge.parent_id) - count(outcome.run_id) as unfinished
        from waiting left join edge on edge.child_id = waiting.run_id
        left join outcome on outcome.run_id = edge.parent_id group by waiting.run_id) actual
      on actual.run_id = waiting.run_id where pending <> unfinished or pending < 1`,
  },
  {
    // A run is in exactly one of the hot tables and `outcome`. (I1 says which when the outcome is one of two.)
    invariant: "I10",
    sql: `select format('run r%d is in %d tables: %s', run.id, count(held), coalesce(group_concat(held), 'none')) as message
      from run left join (${hotRows} union all select run_id, 'outcome', epoch from outcome) placed
      on placed.run_id = run.id group by run.id having count(held) <> 1`,
  },
  {
    // What is in a hot table or has an outcome was submitted.
    invariant: "I10",
    sql: `select format('run r%d is in \`%s\` but was never submitted', placed.run_id, held) as message
      from (${hotRows} union all select run_id, 'outcome', epoch from outcome) placed
      where placed.run_id not in (select id from run)`,
  },
];
