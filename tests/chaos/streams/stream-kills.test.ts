// A sample of `npm run stream-kills`, and what its reader would find.
import { expect, test } from "vitest";
import { createRandom } from "../faults/random.ts";
import { addStreamKills } from "./stream-kill-report.ts";
import { killStreams, type StreamKills } from "./stream-kills.ts";
import { findFaults, TopicTally } from "./topic-tally.ts";

test("whoever is killed, each record has its effect in each topic and target once, in the order of its key", async () => {
  const kind = { store: "sqlite", log: "embedded" } as const;
  const report = await killStreams({ ...kind, kills: 3, records: 3_000, random: createRandom(1) });
  expect(report.findings).toEqual([]);
  expect(report.kills).toBe(3);
  expect(report.batches).toBeGreaterThan(0);
});

test("the reader finds what is lost, doubled, made up, out of order or has holes, and says where", () => {
  expect(findFaults("it", [0, 2, 2, 9], 5)).toEqual([
    "it: 3 lost (1, 3–4), 1 there more than once (2), 1 that nobody made",
  ]);
  const first = tallyOf("a", true, [1, 0], [2, 1]);
  expect(tallyOf("b", true, [1, 0], [2, 1]).findDisorder(first)).toEqual([]);
  const second = tallyOf("b", true, [2, 0], [1, 2]);
  expect(second.findDisorder(first)).toEqual(["the order of 1 keys is another one: k"]);
  expect(second.findFaults(3)).toEqual([
    "topic `b`: 1 lost (0), 0 there more than once, 0 that nobody made",
    "topic `b`: 1 partitions have holes",
  ]);
  expect(tallyOf("b", false, [0, 4], [1, 7]).findFaults(2)).toEqual([]);
  expect(tallyOf("b", false, [0, 4], [1, 3]).findFaults(2)).toEqual([
    "topic `b`: 1 partitions have offsets that go back",
  ]);
});

function tallyOf(
  name: string,
  isDense: boolean,
  ...places: readonly (readonly [n: number, offset: number])[]
): TopicTally {
  const tally = new TopicTally(name, isDense);
  for (const [n, offset] of places) tally.add({ partition: 0, offset, key: "k", n });
  return tally;
}

test("a trial writes its own section of the report anew, and leaves those of other places", () => {
  const facts = { seed: 1, count: 2, date: "2026-01-02", durationMs: 2_000 };
  const counts = { kills: 2, records: 10, killedServers: {}, lostRuns: {}, batches: 1 };
  const sqlite: StreamKills = { store: "sqlite", log: "embedded", ...counts, findings: ["a is lost"] };
  const first = addStreamKills(undefined, sqlite, facts);
  expect(first).toContain("- a is lost");
  const both = addStreamKills(first, { ...sqlite, log: "kafka", findings: [] }, facts);
  expect(both.match(/^## .*$/gm)).toEqual([
    "## Earlier trials",
    "## Topics and store in SQLite",
    "## Topics on Kafka, store in SQLite",
  ]);
  const mended = addStreamKills(both, { ...sqlite, findings: [] }, facts);
  expect(mended).not.toContain("a is lost");
  expect(mended.match(/^## /gm)).toHaveLength(3);
});
