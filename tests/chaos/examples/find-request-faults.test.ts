import { expect, test } from "vitest";
import { findRequestFaults } from "./find-request-faults.ts";
import type { WatchedRequest } from "./watched-service.ts";

const promises = { ledger: /^POST \/exports$/, units: /^GET \/files\// };

test("a request that comes again with its key is as it should be", () => {
  expect(findRequestFaults(promises, [post("k1", "a"), post("k1", "a"), post("k2", "b")], 1)).toEqual([]);
});

test.each([
  ["without a key", [post(undefined, "a")], "POST /exports was sent without a key"],
  ["with another key", [post("k1", "a"), post("k2", "a")], "POST /exports a was sent with the keys k1, k2"],
  [
    "with the key of another",
    [post("k1", "a"), post("k1", "b")],
    "the key k1 was sent with POST /exports a and POST /exports b",
  ],
])("a request of the ledger that was sent %s is found", (_how, requests, finding) => {
  expect(findRequestFaults(promises, requests, 1)).toEqual([finding]);
});

test("a unit that was read more often than there were attempts is found", () => {
  const unit = get(200);
  expect(findRequestFaults(promises, [unit, unit, get(500)], 1)).toEqual([]);
  expect(findRequestFaults(promises, [unit, unit, unit], 1)).toEqual([
    "GET /files/1 was asked for 3 times with 1 kills",
  ]);
});

function post(key: string | undefined, print: string): WatchedRequest {
  return { route: "POST /exports", key, print, moment: "answered", status: 201 };
}

function get(status: number): WatchedRequest {
  return { route: "GET /files/1", key: undefined, print: "", moment: "answered", status };
}
