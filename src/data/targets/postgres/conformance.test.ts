import { afterAll, beforeAll, beforeEach } from "vitest";
import { describeTargetContract } from "../../../../tests/conformance/target.ts";
import type { TestDatabase } from "../../../../tests/support/postgres/postgres-test-database.ts";
import { createWarehouse, warehouseName } from "../../../../tests/support/postgres/postgres-warehouse.ts";

let warehouse: TestDatabase;
let schema = 0;
beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse[Symbol.asyncDispose]());
beforeEach(() => {
  schema += 1;
});

describeTargetContract("postgres", {
  options: () => ({ postgres: { url: warehouseName, schema: `s${schema}` } }),
  lacks: ["structs"],
  canMerge: true,
  remove: async ({ table }) => void (await warehouse.query(`drop table ${table}`)),
  failpoints: {
    before: ["staged", "postgres:publishing", "postgres:written"],
    after: ["postgres:committed", "recorded"],
  },
});
