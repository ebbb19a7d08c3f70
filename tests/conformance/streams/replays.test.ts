// Runs the contract of replays against both stores.
import { afterAll, describe } from "vitest";
import { describeReplays } from "./replays.ts";
import { postgresStores, sqliteStores } from "./stream-stores.ts";

describe.each([sqliteStores(), postgresStores()])("on $dialect", (stores) => {
  let nowMs = 1_000;
  afterAll(async () => {
    await stores[Symbol.asyncDispose]();
  });
  describeReplays(() => stores.create({ now: () => (nowMs += 1) }));
});
