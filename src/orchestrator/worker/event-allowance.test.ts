import { expect, test } from "vitest";
import type { NewEvent } from "../../store/rows/run-records.ts";
import { EventAllowance } from "./event-allowance.ts";

const noise = (count: number): NewEvent[] => Array.from({ length: count }, () => ({ type: "noise" }));

test("a flood is bounded a second, and what was dropped is told with the next event that finds room", () => {
  let nowMs = 0;
  const allowance = new EventAllowance(() => nowMs);
  expect(allowance.take(noise(250))).toHaveLength(100);
  expect(allowance.take(noise(5))).toEqual([]);
  nowMs = 1_000;
  expect(allowance.take(noise(1))).toEqual([{ type: "events_dropped", data: { count: 155 } }, { type: "noise" }]);
  expect(allowance.takeNotice()).toEqual([]);
});

test("what was dropped last is told when the attempt ends, and a clock that is set back stops nothing", () => {
  let nowMs = 10_000;
  const allowance = new EventAllowance(() => nowMs);
  allowance.take(noise(101));
  expect(allowance.takeNotice()).toEqual([{ type: "events_dropped", data: { count: 1 } }]);
  nowMs = 0;
  expect(allowance.take(noise(1))).toHaveLength(1);
});
