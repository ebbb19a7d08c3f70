// What a replay leaves to records that come meanwhile.
import { expect, test } from "vitest";
import { GiveWay } from "./give-way.ts";

function setUp(): { readonly way: GiveWay; readonly pass: (ms: number) => void } {
  let nowMs = 1_000;
  const way = new GiveWay({ now: () => nowMs });
  return { way, pass: (ms) => void (nowMs += ms) };
}

test("nothing rests while the topic stays as it is", () => {
  const { way, pass } = setUp();
  way.see(0, 500);
  for (let look = 0; look < 100; look += 1) {
    pass(3);
    way.see(0, 500);
    expect(way.restMs()).toBe(0);
  }
});

test("while the topic grows a ninth of the time is worked, however many partitions share it", () => {
  const { way, pass } = setUp();
  way.see(0, 500);
  way.see(1, 500);
  expect(way.restMs()).toBe(0);
  way.see(1, 501);
  let workedMs = 0;
  let wholeMs = 0;
  for (let look = 0; look < 300; look += 1) {
    pass(1);
    workedMs += 1;
    wholeMs += 1;
    const restMs = way.restMs();
    if (restMs === 0) continue;
    // the other partition looks a moment later, and rests as long
    expect(way.restMs()).toBe(restMs);
    pass(restMs);
    wholeMs += restMs;
  }
  expect(wholeMs / workedMs).toBeCloseTo(9, 1);
});

test("what was waited for is not worked off", () => {
  const { way, pass } = setUp();
  way.see(0, 500);
  way.restMs();
  way.see(0, 501);
  pass(2_000);
  expect(way.restMs()).toBe(400);
});

test("it goes on at full speed when the topic has stood still for five seconds", () => {
  const { way, pass } = setUp();
  way.see(0, 500);
  way.restMs();
  way.see(0, 501);
  pass(4_999);
  expect(way.restMs()).toBeGreaterThan(0);
  pass(1_000);
  expect(way.restMs()).toBe(0);
});
