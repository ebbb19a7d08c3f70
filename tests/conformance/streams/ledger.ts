// The contract of what the store keeps of topics and groups. Every adapter runs this suite.
import { describe } from "vitest";
import type { CreateStore } from "../store/store-fixture.ts";
import { describeBatching } from "./batching.ts";
import { describeDelivering } from "./ledger-delivering.ts";
import { describeHistories } from "./ledger-histories.ts";
import { describeHolding } from "./ledger-holding.ts";
import { describePeople } from "./ledger-people.ts";

/** Declares the suite for one adapter; `createStore` makes a fresh, empty store for each test. */
export function describeStreamLedger(name: string, createStore: CreateStore): void {
  describe(`${name} stream ledger`, () => {
    describe("members hold partitions", () => {
      describeHolding(createStore);
    });
    describe("records come in batches", () => {
      describeBatching(createStore);
    });
    describe("members deliver", () => {
      describeDelivering(createStore);
    });
    describe("anything happens", () => {
      describeHistories(createStore);
    });
    describe("people look after groups", () => {
      describePeople(createStore);
    });
  });
}
