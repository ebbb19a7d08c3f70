// The contract of what the store holds of records besides the log: joins, and payloads that lie elsewhere.
import { describe } from "vitest";
import type { CreateStore } from "../store/store-fixture.ts";
import { describeJoins } from "./held-joins.ts";
import { describePayloads } from "./held-payloads.ts";

/** Declares the suite for one adapter; `createStore` makes a fresh, empty store for each test. */
export function describeHeld(name: string, createStore: CreateStore): void {
  describe(`${name} joins and payloads`, () => {
    describe("joins", () => {
      describeJoins(createStore);
    });
    describe("payloads", () => {
      describePayloads(createStore);
    });
  });
}
