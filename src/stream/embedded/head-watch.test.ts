// Waits for records of which many share one look at the store.
import { expect, test } from "vitest";
import type { LogPosition, PartitionBounds } from "../../core/stream/stream-log.ts";
import { HeadWatch } from "./head-watch.ts";

const endless = new AbortController().signal;

function at(id: string, partition: number, offset: number): LogPosition {
  return { topic: { name: id, id }, partition, offset };
}

/** Ends of two partitions of topic `t`; time passes when it is told to. */
function setUp(): Scene {
  let nowMs = 0;
  const ends = [10, 20];
  const looks: (readonly string[])[] = [];
  const rests: number[] = [];
  let endRest = (): void => undefined;
  const clock = {
    now: () => nowMs,
    sleep: (ms: number, signal?: AbortSignal) => {
      rests.push(ms);
      return new Promise<void>((resolve) => {
        endRest = () => {
          nowMs += ms;
          resolve();
        };
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
    },
  };
  const readBounds = async (ids: readonly string[]): Promise<ReadonlyMap<string, readonly PartitionBounds[]>> => {
    looks.push(ids);
    const bounds = ends.map((end, partition) => ({ partition, start: 0, end, bytes: undefined }));
    return new Map(ids.filter((id) => id === "t").map((id) => [id, bounds]));
  };
  return { watch: new HeadWatch({ readBounds }, clock), ends, looks, rests, endRest: () => endRest() };
}

interface Scene {
  readonly watch: HeadWatch;
  readonly ends: number[];
  readonly looks: readonly (readonly string[])[];
  readonly rests: readonly number[];
  readonly endRest: () => void;
}

/** Lets all go on that waits for nothing. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test("all who wait share one look, and each is woken by its own partition", async () => {
  const { watch, ends, looks, endRest } = setUp();
  const woken: number[] = [];
  const waits = [0, 1].map(async (partition) => {
    await watch.wait([at("t", partition, partition === 0 ? 10 : 20)], { timeoutMs: 1_000, signal: endless });
    woken.push(partition);
  });
  await settle();
  const before = looks.length;
  endRest();
  await settle();
  expect(looks.length).toBe(before + 1);
  expect(woken).toEqual([]);
  ends[1] = 21;
  endRest();
  await settle();
  expect(woken).toEqual([1]);
  ends[0] = 11;
  watch.wake();
  await Promise.all(waits);
  expect(woken).toEqual([1, 0]);
});

test("looks become rarer, and what is appended through the log is found at once", async () => {
  const { watch, ends, rests, endRest } = setUp();
  const wait = watch.wait([at("t", 0, 10)], { timeoutMs: 10_000, signal: endless });
  for (let look = 0; look < 9; look += 1) {
    await settle();
    endRest();
  }
  await settle();
  expect(rests.slice(-9)).toEqual([4, 8, 16, 32, 64, 100, 100, 100, 100]);
  ends[0] = 11;
  watch.wake();
  await wait;
});

test("a wait ends with its time, with its signal, and with a topic that is gone", async () => {
  const { watch, endRest } = setUp();
  const timed = watch.wait([at("t", 0, 10)], { timeoutMs: 2, signal: endless });
  await settle();
  endRest();
  await timed;
  const leaving = new AbortController();
  const left = watch.wait([at("t", 0, 10)], { timeoutMs: 10_000, signal: leaving.signal });
  await settle();
  leaving.abort();
  await left;
  await watch.wait([at("gone", 0, 0)], { timeoutMs: 10_000, signal: endless });
});

test("a look that fails is told to those who waited for it, and the next one looks again", async () => {
  const failures = [new Error("the store is away")];
  const watch = new HeadWatch(
    {
      readBounds: async () => {
        const failure = failures.pop();
        if (failure !== undefined) throw failure;
        return new Map();
      },
    },
    { now: () => 0, sleep: () => Promise.resolve() },
  );
  const wait = watch.wait([at("t", 0, 0)], { timeoutMs: 1_000, signal: endless });
  await expect(wait).rejects.toThrow("the store is away");
  await watch.wait([at("t", 0, 0)], { timeoutMs: 1_000, signal: endless });
});
