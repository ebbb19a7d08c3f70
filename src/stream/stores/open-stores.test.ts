// The stores of a run: each of them by name or definition, and a gate over all.
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseRunId } from "../../core/run-id.ts";
import { defineStore } from "../../core/stream/store.ts";
import { amounts, StoreScene, sums } from "../../../tests/support/streams/store-scene.ts";
import { type OpenStores, openStores } from "./open-stores.ts";

async function openBoth(scene: StoreScene): Promise<OpenStores> {
  const { log, clock } = scene;
  const silent = { info: () => undefined, warn: () => undefined };
  const run = { id: parseRunId("r7"), job: "mail", epoch: 1, attempt: 1 };
  const folders = { stores: join(scene.folder, "stores"), payloads: join(scene.folder, "payloads") };
  return await openStores({
    reach: { log, clock, logger: silent, folders, run },
    definitions: [sums, defineStore({ name: "latest", topic: amounts })],
  });
}

test("handlers look into the stores of their job, by definition or by name", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 }, { id: "ann", add: 4 });
  await using stores = await openBoth(scene);
  await stores.whenServing(new AbortController().signal);
  expect(stores.areServing()).toBe(true);
  const sum: number | undefined = stores.store(sums).get("ann");
  expect(sum).toBe(5);
  expect(stores.store("latest").get("ann")).toEqual({ id: "ann", add: 4 });
});

test("a store that the job does not declare is refused", async () => {
  await using scene = await StoreScene.make();
  await using stores = await openBoth(scene);
  expect(() => stores.store("others")).toThrow("the job does not declare store `others`");
});

test("the gate is closed while one of them is not ready", async () => {
  await using scene = await StoreScene.make();
  scene.log.isAway = true;
  await using stores = await openBoth(scene);
  expect(stores.areServing()).toBe(false);
});
