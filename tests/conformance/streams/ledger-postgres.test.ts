// Runs the contract of topics and groups against the Postgres adapter.
import { afterAll } from "vitest";
import { describeStreamLedger } from "./ledger.ts";
import { postgresStores } from "./stream-stores.ts";

const stores = postgresStores();

afterAll(async () => {
  await stores[Symbol.asyncDispose]();
});

describeStreamLedger("postgres", stores.create);
