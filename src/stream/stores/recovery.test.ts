// Where a store begins when its own file is of no use: snapshots, the beginning of the topic, or a clear refusal.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { contents, nextTurn, StoreScene, sums, untilHeld } from "../../../tests/support/streams/store-scene.ts";
import { takeFolder } from "./copy-lock.ts";
import type { StoreCopy } from "./store-copy.ts";

/** The copy, with a snapshot of what it holds. */
async function openWithSnapshot(scene: StoreScene): Promise<StoreCopy> {
  const before = (await scene.snapshotFiles(".json")).length;
  scene.clock.nowMs += sums.snapshotEveryMs;
  const copy = await scene.openServing();
  while ((await scene.snapshotFiles(".json")).length === before) {
    await nextTurn();
  }
  return copy;
}

test("a snapshot and what came after it make the same state as the whole topic", async () => {
  const amount = fc.record({
    id: fc.constantFrom("ann", "bob", "pia", "zoe"),
    add: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(null)),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(amount, { minLength: 1, maxLength: 30 }),
      fc.array(amount, { maxLength: 30 }),
      async (first, then) => {
        await using scene = await StoreScene.make();
        await scene.append(...first);
        await scene.close(await openWithSnapshot(scene));
        await scene.append(...then);
        await scene.loseCopies();
        const recovered = contents(await scene.openServing());
        expect(scene.said.at(-1)).toContain(`"from":"snapshot"`);
        await rm(scene.snapshotFolder, { recursive: true });
        const rebuilt = await scene.openServing();
        expect(scene.said.at(-1)).toContain(`"from":"beginning"`);
        expect(recovered).toEqual(contents(rebuilt));
      },
    ),
    { numRuns: 8 },
  );
});

test("a snapshot that is cut off is passed by, and said; the one before is taken", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  await scene.close(await openWithSnapshot(scene));
  await scene.append({ id: "ann", add: 2 });
  await scene.close(await openWithSnapshot(scene));
  const [, newest = ""] = await scene.snapshotFiles(".sqlite");
  await scene.truncate(newest);
  await scene.loseCopies();
  expect(contents(await scene.openServing())).toEqual({ ann: 3 });
  expect(scene.said.some((line) => line.startsWith("passed a snapshot by: it has"))).toBe(true);
  expect(scene.said.at(-1)).toContain(`"from":"snapshot"`);
});

test("a snapshot with other bytes and a manifest that cannot be read are passed by, and said", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  await scene.close(await openWithSnapshot(scene));
  await scene.append({ id: "ann", add: 2 });
  await scene.close(await openWithSnapshot(scene));
  const [oldest = "", newest = ""] = await scene.snapshotFiles(".sqlite");
  const bytes = await readFile(newest);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  await writeFile(newest, bytes);
  await writeFile(oldest.replace(".sqlite", ".json"), `{"store":`);
  await scene.loseCopies();
  expect(contents(await scene.openServing())).toEqual({ ann: 3 });
  expect(scene.said.some((line) => line.startsWith("passed a snapshot by: its bytes are others"))).toBe(true);
  expect(scene.said.some((line) => line.startsWith("passed a snapshot by: its manifest"))).toBe(true);
  expect(scene.said.at(-1)).toContain(`"from":"beginning"`);
});

test("a snapshot of other code is not taken", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  await scene.close(await openWithSnapshot(scene));
  await scene.loseCopies();
  await scene.openServing({ ...sums, codeText: () => ["other"] });
  expect(scene.said.at(-1)).toContain(`"from":"beginning"`);
});

test("a snapshot serves when the topic has forgotten its beginning", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 }, { id: "ann", add: 2 });
  await scene.close(await openWithSnapshot(scene));
  await trim(scene, 2);
  await scene.append({ id: "ann", add: 4 });
  await scene.loseCopies();
  expect(contents(await scene.openServing())).toEqual({ ann: 7 });
});

test("a store whose snapshots are older than the topic is refused with the offsets, and does not hang", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 }, { id: "ann", add: 2 });
  await scene.close(await openWithSnapshot(scene));
  await scene.append({ id: "ann", add: 3 }, { id: "ann", add: 4 });
  await trim(scene, 3);
  await scene.loseCopies();
  await expect(scene.openServing()).rejects.toMatchObject({
    code: "STORE_STALE",
    message:
      "store `sums` cannot be made from topic `amounts`: partition 0 is applied up to 0, and the topic begins at 3",
    details: { starts: [{ partition: 0, start: 3 }] },
  });
  expect(scene.said.some((line) => line.includes("applied up to 2, and the topic begins at 3"))).toBe(true);
});

test("a file that the topic has passed gives way to a snapshot that it has not", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  const [behind, ahead] = [await scene.openServing(), await scene.openServing()];
  await scene.close(behind);
  await scene.append({ id: "ann", add: 2 });
  await untilHeld(ahead, "ann", 3);
  await scene.close(ahead);
  // the one behind has the folder that is asked first, so that another one takes the second
  const first = await takeFolder(join(scene.folder, "stores", "sums"));
  await scene.close(await openWithSnapshot(scene));
  first[Symbol.dispose]();
  await scene.append({ id: "ann", add: 3 });
  await trim(scene, 2);
  expect(contents(await scene.openServing())).toEqual({ ann: 6 });
  expect(scene.said.some((line) => line.startsWith("the state of a store cannot be continued"))).toBe(true);
  expect(scene.said.at(-1)).toContain(`"from":"snapshot"`);
});

test("a topic that passes a store which follows it slowly is said, and a snapshot helps", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  const copy = await openWithSnapshot(scene);
  scene.log.isAway = true;
  await scene.append({ id: "ann", add: 2 }, { id: "ann", add: 3 });
  await trim(scene, 2);
  scene.log.isAway = false;
  await expect(untilFailed(copy)).rejects.toMatchObject({ code: "STORE_STALE" });
});

async function trim(scene: StoreScene, before: number): Promise<void> {
  const topic = await scene.log.findTopic("amounts");
  if (topic !== undefined) await scene.log.truncate(topic, 0, before);
}

async function untilFailed(copy: StoreCopy): Promise<void> {
  for (;;) {
    copy.isServing();
    await nextTurn();
  }
}
