// Adds what a quarantine remembers of the dataset whose rows it holds, so that a person can publish them later. It also
// lets a run record a quarantine again: its rows are published before those of the dataset, so a later attempt may have
// others.
import type { MigrationPart } from "../migration.ts";

const column = `
-- JSON of a quarantine's job, output and blocking checks; null for every other dataset.
alter table dataset add column quarantine_of text;
drop index dataset_once_a_run;
create unique index dataset_once_a_run on dataset (run_id, name) where quarantine_of is null;
create index dataset_of_run on dataset (run_id, name);
`;

export const quarantine: MigrationPart = { sqlite: column, postgres: column };
