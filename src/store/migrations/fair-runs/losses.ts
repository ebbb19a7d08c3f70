// Adds the record of deaths of workers: how many runs each had aboard, and what each run went through.
import type { MigrationPart } from "../migration.ts";

const shared = `
-- Job runs that the worker held when it was found dead; null while it is in service and after it left in good order.
alter table worker add column aboard int;

-- Workers that died while they held a run, and how often the run was the only one aboard. Runs that never lost one have no row.
create table loss (
  run_id bigint primary key,
  losses int not null,
  alone int not null
);
`;

export const losses: MigrationPart = { sqlite: shared.replace("aboard int;", "aboard integer;"), postgres: shared };
