// Proof that the simulator sees bugs: each one that is planted in the store is found within a few seeds.
import { afterAll, beforeAll, expect, test } from "vitest";
import { plantedFaults } from "./planted-faults.ts";
import { runWorld, worldStartMs } from "./simulated-world.ts";
import { createStoreFolder, type StoreFolder } from "./store-file.ts";

const maxSeeds = 600;
let folder: StoreFolder;

beforeAll(async () => {
  folder = await createStoreFolder(worldStartMs);
});

afterAll(() => folder[Symbol.dispose]());

test.each(Object.entries(plantedFaults))("a planted bug is found: %s", async (_, planted) => {
  let found = 0;
  for (let seed = 1; seed <= maxSeeds && found === 0; seed += 1) {
    const { violations } = await runWorld({ seed, folder, planted });
    if (violations.length > 0) found = seed;
  }
  expect(found).toBeGreaterThan(0);
});
