// Whose a store is: jobs of two projects may have the same name and do different things, and so may those of two environments.
import type { MigrationPart } from "../migration.ts";

const shared = `
create table store_owner (id int primary key check (id = 1), project text not null, since bigint not null)`;

/** Part of the fourth migration. */
export const storeOwner: MigrationPart = {
  sqlite: `${shared.replaceAll(/\b(?:bigint|int)\b/g, "integer")} strict;`,
  postgres: `${shared};`,
};

const environment = `
-- Of the project; null where none was chosen.
alter table store_owner add column environment text;
`;

/** Part of the sixth migration. */
export const storeEnvironment: MigrationPart = { sqlite: environment, postgres: environment };
