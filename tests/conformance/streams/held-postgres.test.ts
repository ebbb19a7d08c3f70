// Runs the contract of joins and payloads against the Postgres adapter.
import { afterAll } from "vitest";
import { describeHeld } from "./held.ts";
import { postgresStores } from "./stream-stores.ts";

const stores = postgresStores();

afterAll(async () => {
  await stores[Symbol.asyncDispose]();
});

describeHeld("postgres", stores.create);
