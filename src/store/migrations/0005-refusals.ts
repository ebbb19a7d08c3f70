// Adds how often a service refused permission, which is not the same as that it failed.
import type { MigrationPart } from "./migration.ts";

const column = `
-- Refusals of permission since the last success.
alter table breaker add column refusals integer not null default 0;
`;

export const refusals: MigrationPart = { sqlite: column, postgres: column };
