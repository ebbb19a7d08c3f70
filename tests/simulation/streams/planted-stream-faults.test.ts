// Proof that the simulator of streams sees bugs: each one that is planted in the store is found within a few seeds.
import { afterAll, beforeAll, expect, test } from "vitest";
import { worldStartMs } from "../world/simulated-world.ts";
import { createStoreFolder, type StoreFolder } from "../world/store-file.ts";
import { plantedStreamFaults } from "./planted-stream-faults.ts";
import { runStreamWorld } from "./stream-world.ts";

const maxSeeds = 150;
let folder: StoreFolder;

beforeAll(async () => {
  folder = await createStoreFolder(worldStartMs);
});

afterAll(() => folder[Symbol.dispose]());

test.each(Object.entries(plantedStreamFaults))("a planted bug is found: %s", async (_, planted) => {
  let found = 0;
  for (let seed = 1; seed <= maxSeeds && found === 0; seed += 1) {
    const { violations } = await runStreamWorld({ seed, folder, planted });
    if (violations.length > 0) found = seed;
  }
  expect(found).toBeGreaterThan(0);
});
