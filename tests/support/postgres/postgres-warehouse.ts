// A database that jobs publish to and read from, beside the one that the store may have.
import { lendVariables } from "../../../src/connections/variables.ts";
import { createTestDatabase, type TestDatabase } from "./postgres-test-database.ts";

/** What definitions call the database. */
export const warehouseName = "env:TEST_WAREHOUSE_URL";

/** An empty database that `warehouseName` means until it is disposed. */
export async function createWarehouse(): Promise<TestDatabase> {
  const database = await createTestDatabase({ migrated: false });
  lendVariables((name) => (name === "TEST_WAREHOUSE_URL" ? database.url : process.env[name]));
  return database;
}
