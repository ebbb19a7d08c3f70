// Adds columns to tables that are there.
import type { MigrationPart } from "../migration.ts";

const added = `
-- Refusals of permission since the last success, which are not the same as failures.
alter table breaker add column refusals integer not null default 0;

-- What a schedule has seen that fires when something has come, so that it fires once for it. JSON that belongs to the scheduler:
-- versions of datasets, or files. Null for one that has not looked yet, and for schedules of time.
alter table schedule add column seen text;
-- When a scheduler last looked and could decide.
alter table schedule add column looked_at bigint;
-- What a fire was for, where that is more than its instant. JSON that belongs to the scheduler.
alter table schedule_fire add column cause text;
`;

export const columns: MigrationPart = { sqlite: added.replaceAll("bigint", "integer"), postgres: added };
