import { expect, test } from "vitest";
import { ServerClock } from "./server-clock.ts";

test("instants are carried over by what the database last said", () => {
  let now = 1_000;
  const clock = new ServerClock(() => now);
  expect(clock.toServer(1_500)).toBe(1_500);
  clock.observe(601_000);
  expect(clock.toServer(1_500)).toBe(601_500);
  expect(clock.toProcess(601_500)).toBe(1_500);
  // The clock of the process jumps back by an hour.
  now = 1_100 - 3_600_000;
  clock.observe(601_100);
  expect(clock.toServer(now + 50)).toBe(601_150);
});
