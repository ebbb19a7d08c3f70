// The project that a store belongs to: jobs of two projects may have the same name and do different things.
import type { MigrationPart } from "../migration.ts";

const shared = `
create table store_owner (id int primary key check (id = 1), project text not null, since bigint not null)`;

export const storeOwner: MigrationPart = {
  sqlite: `${shared.replaceAll(/\b(?:bigint|int)\b/g, "integer")} strict;`,
  postgres: `${shared};`,
};
