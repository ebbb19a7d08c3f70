import { expect, test } from "vitest";
import type { Clock } from "../../../core/clock.ts";
import { firstContactPolicy, patientPolicy, RetryBackoff } from "./retry-backoff.ts";

function recordingClock(): { readonly clock: Clock; readonly sleeps: number[] } {
  const sleeps: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    sleeps.push(ms);
  };
  return { clock: { now: () => 0, sleep }, sleeps };
}

test("delays grow fourfold up to a minute, and last ten minutes in all", async () => {
  const { clock, sleeps } = recordingClock();
  const backoff = new RetryBackoff(patientPolicy, { clock, random: () => 0.5 });
  while (await backoff.wait(undefined));
  expect(sleeps.slice(0, 7)).toEqual([50, 200, 800, 3_450, 13_050, 51_450, 60_250]);
  expect(sleeps).toHaveLength(15);
  expect(sleeps.reduce((sum, ms) => sum + ms)).toBeGreaterThan(600_000);
});

test("a response makes the next failure the first one again", async () => {
  const { clock, sleeps } = recordingClock();
  const backoff = new RetryBackoff(firstContactPolicy, { clock, random: () => 0 });
  await backoff.wait(undefined);
  await backoff.wait(undefined);
  backoff.reset();
  await backoff.wait(undefined);
  expect(sleeps).toEqual([50, 200, 50]);
});

test("a server that asks for a longer pause gets it, up to ten minutes", async () => {
  const { clock, sleeps } = recordingClock();
  const backoff = new RetryBackoff(patientPolicy, { clock, random: () => 0 });
  await backoff.wait(7_000);
  await backoff.wait(10_000_000);
  await backoff.wait(1);
  expect(sleeps).toEqual([7_000, 600_000, 800]);
});
