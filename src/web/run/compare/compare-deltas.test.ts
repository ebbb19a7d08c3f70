import { expect, test } from "vitest";
import { compareCounts, compareDurations, formatShare, sortByDifference, type ComparedJob } from "./compare-deltas.ts";

function job(name: string, over: Partial<ComparedJob> = {}): ComparedJob {
  const same = [null, null] as const;
  const states = ["FINISHED", "FINISHED"] as const;
  return { job_name: name, states, durations_ms: same, attempts: same, rows: same, ...over };
}

test("a duration is notable from a fifth and a second on", () => {
  expect(compareDurations([10_000, 11_000])).toMatchObject({ difference: 1_000, isNotable: false });
  expect(compareDurations([10_000, 12_500])).toMatchObject({ difference: 2_500, share: 0.25, isNotable: true });
  expect(compareDurations([100, 900])).toMatchObject({ isNotable: false });
  expect(compareDurations([10_000, 2_000])).toMatchObject({ difference: -8_000, isNotable: true });
  expect(compareDurations([null, 5])).toBeUndefined();
});

test("any difference in rows is notable, and from no rows there is no share", () => {
  expect(compareCounts([100, 99])).toMatchObject({ difference: -1, isNotable: true });
  expect(compareCounts([0, 7])).toEqual({ difference: 7, share: undefined, isNotable: true });
});

test("jobs that ended otherwise come first, then those of one run only, then the slower ones", () => {
  const jobs = [
    job("same"),
    job("slower", { durations_ms: [1_000, 90_000] }),
    job("failed", { states: ["FINISHED", "ERROR"] }),
    job("added", { states: [null, "FINISHED"] }),
  ];
  expect(sortByDifference(jobs).map(({ job_name: name }) => name)).toEqual(["failed", "added", "slower", "same"]);
});

test("shares are short and have their sign", () => {
  expect([0.123, -0.004, 2.1, 0].map(formatShare)).toEqual(["+12%", "−0.4%", "×3.1", "+0%"]);
});
