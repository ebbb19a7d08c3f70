// Indexes and columns that the screens' lists need. What runs pass through on their way costs nothing more: the new columns
// of `outcome` are set for failures alone, and its new indexes hold nothing else.
import type { MigrationPart } from "./migration.ts";

// Failures from before have their code for a fingerprint.
const shared = `
-- In what failures are alike, see core/error-fingerprint.ts.
alter table outcome add column fingerprint text;
-- Of failures alone: 1 when the run belongs to no other, else 0. Their indexes go by it, so that no planner prefers the one by
-- state.
alter table outcome add column failed_root int;
update outcome set fingerprint = coalesce(%code%, ''),
  failed_root = (select case when run.parent_run_id is null then 1 else 0 end from run where run.id = outcome.run_id)
  where state = 'ERROR';
create index outcome_by_fingerprint on outcome (fingerprint, run_id) where fingerprint is not null;
create index outcome_failed on outcome (lane_id, run_id) where failed_root is not null;
create index outcome_failed_recently on outcome (finished_at, lane_id, failed_root, fingerprint, run_id)
  where failed_root is not null;

-- Lines of a whole tree in order of time.
alter table log add column root_run_id bigint;
update log set root_run_id = (select run.root_run_id from run where run.id = log.run_id);
create index log_by_time on log (root_run_id, at, run_id, seq);

create index unit_failed on unit (run_id, unit_key) where state = 'failed';
`;

export const browse: MigrationPart = {
  sqlite: shared
    .replace("%code%", "case when json_valid(error) then error ->> 'code' end")
    .replaceAll(/\b(?:bigint|int);/g, "integer;"),
  postgres: `${shared.replace("%code%", "error::json ->> 'code'")}
-- A page of a run's children needs no sort.
drop index run_by_parent;
create index run_by_parent on run (parent_run_id, id) where parent_run_id is not null;
`,
};
