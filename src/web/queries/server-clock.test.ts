// The server's clock, by its own word.
import { afterEach, expect, test, vi } from "vitest";
import { serverNowMs, setServerClock } from "./server-clock.ts";

afterEach(() => {
  vi.useRealTimers();
  setServerClock(new Date().toISOString());
});

test("ten minutes off in the browser are taken out", () => {
  vi.useFakeTimers({ now: Date.parse("2026-11-21T12:10:00.000Z"), toFake: ["Date"] });
  setServerClock("2026-11-21T12:00:00.000Z");
  expect(new Date(serverNowMs()).toISOString()).toBe("2026-11-21T12:00:00.000Z");
});

test("less than a second is the way of the answer, and nonsense changes nothing", () => {
  vi.useFakeTimers({ now: Date.parse("2026-11-21T12:00:00.600Z"), toFake: ["Date"] });
  setServerClock("2026-11-21T12:00:00.000Z");
  setServerClock("never");
  expect(serverNowMs()).toBe(Date.parse("2026-11-21T12:00:00.600Z"));
});
