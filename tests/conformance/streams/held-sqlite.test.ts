// Runs the contract of joins and payloads against the SQLite adapter.
import { afterAll } from "vitest";
import { describeHeld } from "./held.ts";
import { sqliteStores } from "./stream-stores.ts";

const stores = sqliteStores();

afterAll(async () => {
  await stores[Symbol.asyncDispose]();
});

describeHeld("sqlite", stores.create);
