// A sample of `npm run stream-kills`, and what its reader would find.
import { expect, test } from "vitest";
import { createRandom } from "../faults/random.ts";
import { findDisorder, findFaults, killStreams } from "./stream-kills.ts";

test("whoever is killed, each record has its effect in each topic and target once, in the order of its key", async () => {
  const report = await killStreams({ kills: 3, records: 3_000, random: createRandom(1) });
  expect(report.findings).toEqual([]);
  expect(report.kills).toBe(3);
  expect(report.batches).toBeGreaterThan(0);
});

test("the reader finds what is lost, doubled, made up, out of order or has holes", () => {
  expect(findFaults("it", [0, 2, 2, 9], 4)).toEqual(["it: 2 lost, 1 there more than once, 1 that nobody made"]);
  const at = (n: number, offset: number) => ({ partition: 0, offset, key: "a", n });
  expect(findDisorder([at(1, 0), at(2, 1)], [at(1, 0), at(2, 1)])).toEqual([]);
  expect(findDisorder([at(1, 0), at(2, 1)], [at(2, 0), at(1, 2)])).toEqual([
    "the order of 1 keys is another one: a",
    "1 partitions have holes",
  ]);
});
