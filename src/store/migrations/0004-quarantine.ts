// What a quarantine remembers of the dataset whose rows it holds, so that a person can publish them later.
import type { MigrationPart } from "./migration.ts";

const column = `
-- JSON of a quarantine's job, output and blocking checks; null for every other dataset.
alter table dataset add column quarantine_of text;
`;

export const quarantine: MigrationPart = { sqlite: column, postgres: column };
