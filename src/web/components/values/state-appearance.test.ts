// A state is never a colour alone.
import { expect, test } from "vitest";
import { describeState } from "./state-appearance.ts";

const states = ["NOT_STARTED", "PENDING", "RUNNING", "FINISHED", "ERROR", "PAUSED", "MISSED", "OVERLAPPED"] as const;

test("each state has a word and a shape of its own", () => {
  const looks = states.map((state) => describeState(state));
  expect(new Set(looks.map(({ label }) => label)).size).toBe(states.length);
  expect(new Set(looks.map(({ icon }) => icon)).size).toBe(states.length);
});

test("the reason makes the word exact", () => {
  expect(describeState("PENDING", "waiting_retry")).toEqual({ label: "Waits for retry", icon: "retry", tone: "warn" });
  expect(describeState("ERROR", "stopped").tone).toBe("neutral");
});

test("a reason that says nothing for a state leaves the state's look", () => {
  expect(describeState("RUNNING", "scheduled")).toEqual(describeState("RUNNING"));
});
