// Runs the contract of topics and groups against the SQLite adapter.
import { afterAll } from "vitest";
import { describeStreamLedger } from "./ledger.ts";
import { sqliteStores } from "./stream-stores.ts";

const stores = sqliteStores();

afterAll(async () => {
  await stores[Symbol.asyncDispose]();
});

describeStreamLedger("sqlite", stores.create);
