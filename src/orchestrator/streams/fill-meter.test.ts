import { expect, test } from "vitest";
import type { TopicRange } from "../../core/stream/topic-reader.ts";
import { FillMeter } from "./fill-meter.ts";

const topic = { name: "orders", id: "t" };

function range(from: number, to: number, partition = 0): TopicRange {
  return { topic, partition, from, to };
}

test("only what has come since the last look is measured, and all of it counts", async () => {
  const asked: string[] = [];
  const meter = new FillMeter(async (ranges) => {
    asked.push(...ranges.map(({ partition, from, to }) => `${partition}:${from}-${to}`));
    return ranges.map(({ from, to }) => ({ records: to - from, bytes: 10 * (to - from), firstAtMs: 1_000 + from }));
  });
  const look = async (...waiting: TopicRange[]) => (await meter.measure([{ group: "g", waiting }])).get("g");
  expect(await look(range(5, 10), range(0, 0, 1))).toEqual({ records: 5, bytes: 50, firstAtMs: 1_005 });
  expect(await look(range(5, 12), range(0, 3, 1))).toEqual({ records: 10, bytes: 100, firstAtMs: 1_000 });
  expect(await look(range(5, 12), range(0, 3, 1))).toMatchObject({ records: 10 });
  // the group has moved on
  expect(await look(range(12, 12), range(2, 3, 1))).toEqual({ records: 1, bytes: 10, firstAtMs: 1_002 });
  expect(await look(range(12, 12), range(3, 3, 1))).toBeUndefined();
  expect(asked).toEqual(["0:5-10", "0:10-12", "1:0-3", "1:2-3"]);
});
