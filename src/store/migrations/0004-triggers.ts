// Adds what a schedule has seen that fires when something has come, so that it fires once for it.
import type { MigrationPart } from "./migration.ts";

const shared = `
-- JSON that belongs to the scheduler: versions of datasets, or files. Null for one that has not looked yet, and for schedules of time.
alter table schedule add column seen text;
`;

export const triggers: MigrationPart = { sqlite: shared, postgres: shared };
