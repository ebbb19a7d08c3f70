// The same seed is the same world, whoever lives through it and whatever was lived through before.
import { expect, test } from "vitest";
import { runSeeds } from "./seed-pool.ts";
import type { SeedResult } from "./seed-result.ts";
import { runWorld, worldStartMs } from "./world/simulated-world.ts";
import { createStoreFolder } from "./world/store-file.ts";

const seeds = [3, 1, 4, 15, 92, 65, 35];

test("a seed has the same trace each time, in this process and in a thread of its own", async () => {
  using folder = await createStoreFolder(worldStartMs);
  const here: [number, string][] = [];
  for (const seed of seeds) here.push([seed, (await runWorld({ seed, folder })).hash]);
  const there: SeedResult[] = [];
  await runSeeds({ seeds: seeds.toReversed(), threads: 2, hours: 0, onSeed: (result) => there.push(result) });
  expect(new Map(there.map(({ seed, hash }) => [seed, hash]))).toEqual(new Map(here));
  expect(new Set(here.map(([, hash]) => hash)).size).toBe(seeds.length);
});
