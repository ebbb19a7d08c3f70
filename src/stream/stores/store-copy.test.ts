// What a copy of a store promises to those who look into it.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineStore, type StoreDefinition, type StoreState } from "../../core/stream/store.ts";
import {
  type Amount,
  amounts,
  contents,
  nextTurn,
  StoreScene,
  sums,
  untilHeld,
} from "../../../tests/support/streams/store-scene.ts";
import { listStoreStatuses } from "./store-status.ts";

test("a copy serves when it holds what its topic had at the start, and goes on with what comes", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 }, { id: "zoe", add: 5 }, { id: "ann", add: 2 });
  const copy = await scene.openServing();
  expect(contents(copy)).toEqual({ ann: 3, zoe: 5 });
  await scene.append({ id: "ann", add: 10 });
  await untilHeld(copy, "ann", 13);
  expect(copy.reader().asOf()?.getTime()).toBe(scene.clock.now());
});

test("a record without a value deletes the entry under its key", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 }, { id: "bob", add: 2 }, { id: "ann", add: null });
  expect(contents(await scene.openServing())).toEqual({ bob: 2 });
});

test("without `apply` an event is the entry under its key", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 }, { id: "ann", add: 7 });
  const copy = await scene.openServing(defineStore({ name: "latest", topic: amounts }));
  expect(copy.reader().get("ann")).toEqual({ id: "ann", add: 7 });
});

test("entries are listed by prefix, over several pages, as they are within `apply`", async () => {
  await using scene = await StoreScene.make();
  const seen: number[] = [];
  const listing = defineStore({
    name: "listing",
    topic: amounts,
    apply: (store: StoreState<number>, { id, add }: Amount) => {
      store.set(id, add);
      seen.push([...store.entries("a/")].length);
    },
  });
  const ids = Array.from({ length: 1_203 }, (_, index) => `a/${index}`);
  await scene.append(...ids.map((id) => ({ id, add: 1 })), { id: "b/0", add: 1 });
  const copy = await scene.openServing(listing);
  expect([...copy.reader().entries("a/")].map(({ key }) => key)).toEqual(ids.toSorted());
  expect(seen.at(-1)).toBe(1_203);
});

test("a copy that begins again goes on where its file ends", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  await scene.close(await scene.openServing());
  await scene.append({ id: "ann", add: 1 });
  expect(contents(await scene.openServing())).toEqual({ ann: 2 });
  expect(scene.said.at(-1)).toContain(`"from":"own file"`);
});

test("two copies of one machine have a folder each", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  const [one, other] = [await scene.openServing(), await scene.openServing()];
  await scene.append({ id: "ann", add: 1 });
  await Promise.all([untilHeld(one, "ann", 2), untilHeld(other, "ann", 2)]);
  expect(await readdir(join(scene.folder, "stores", "sums"))).toEqual(["0", "1"]);
});

test("changed code makes the state anew beside the one of the code before, which serves meanwhile", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 }, { id: "zoe", add: 1 });
  await scene.close(await scene.openServing());
  scene.log.isAway = true;
  const doubled = defineStore({
    name: "sums",
    topic: amounts,
    apply: (store: StoreState<number>, { id, add }: Amount) => store.update(id, (sum = 0) => sum + 2 * add),
  });
  const copy = await scene.openServing(doubled);
  expect(contents(copy)).toEqual({ ann: 1, zoe: 1 });
  const asOf = copy.reader().asOf();
  expect(asOf?.getTime()).toBeLessThan(scene.clock.now());
  scene.log.isAway = false;
  await untilHeld(copy, "ann", 2);
  expect(contents(copy)).toEqual({ ann: 2, zoe: 2 });
  const files = async (): Promise<readonly string[]> =>
    (await readdir(join(scene.folder, "stores", "sums", "0"))).filter((name) => name.endsWith(".sqlite"));
  while ((await files()).length > 1) await nextTurn();
});

test("another `version` makes the state anew", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  await scene.close(await scene.openServing());
  await scene.openServing({ ...sums, codeText: () => ["another"] });
  expect(scene.said.some((line) => line.includes(`"from":"beginning"`))).toBe(true);
});

test("handlers wait while a store is farther behind than it may be", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  const copy = await scene.openServing({ ...sums, serveWhenBehindMs: 60_000 });
  scene.log.isAway = true;
  scene.clock.nowMs += 59_000;
  expect(copy.isServing()).toBe(true);
  scene.clock.nowMs += 2_000;
  expect(copy.isServing()).toBe(false);
  let isReady = false;
  const waiting = copy.whenServing(new AbortController().signal).then(() => (isReady = true));
  await nextTurn();
  expect(isReady).toBe(false);
  scene.log.isAway = false;
  await waiting;
});

test("who waits for a store is freed by the signal", async () => {
  await using scene = await StoreScene.make();
  scene.log.isAway = true;
  const copy = await scene.open();
  const stopping = new AbortController();
  const waiting = copy.whenServing(stopping.signal);
  stopping.abort(new Error("the run is stopped"));
  await expect(waiting).rejects.toThrow("the run is stopped");
});

test("an event that `apply` fails for is named, and nothing of its batch is applied", async () => {
  await using scene = await StoreScene.make();
  const picky = defineStore({
    name: "sums",
    topic: amounts,
    apply: (store: StoreState<number>, { id, add }: Amount) => {
      if (add < 0) throw new Error("below nothing");
      store.set(id, add);
    },
  });
  await scene.append({ id: "ann", add: 1 });
  const copy = await scene.openServing(picky);
  await scene.append({ id: "ann", add: 2 }, { id: "ann", add: -1 });
  while (isServing(copy)) await nextTurn();
  await expect(copy.whenServing(new AbortController().signal)).rejects.toMatchObject({
    code: "STORE_APPLY_FAILED",
    message: "store `sums` cannot apply a record (below nothing): `amounts/0/2`",
  });
  expect(() => copy.reader().get("ann")).toThrow("cannot apply");
  await scene.close(copy);
  const [status] = await listStoreStatuses(join(scene.folder, "stores"));
  expect(status).toMatchObject({ store: "sums", state: "failed" });
});

test("an entry has the type of `schema`, and one that does not fit it is refused", async () => {
  await using scene = await StoreScene.make();
  const checked = defineStore({
    name: "checked",
    topic: amounts,
    schema: z.number().positive(),
    apply: (store, { id, add }) => store.update(id, (sum = 0) => sum + add),
  });
  const typed: StoreDefinition<"checked", number> = checked;
  await scene.append({ id: "ann", add: 1 });
  const copy = await scene.openServing(typed);
  expect(copy.reader().get("ann")).toBe(1);
  await scene.append({ id: "ann", add: -1 });
  while (isServing(copy)) await nextTurn();
  await expect(copy.whenServing(new AbortController().signal)).rejects.toMatchObject({
    code: "STORE_APPLY_FAILED",
    message: expect.stringContaining("an entry does not fit `schema` of store `checked`") as unknown,
  });
});

test("`apply` may not wait", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  const apply: (...args: unknown[]) => unknown = async () => undefined;
  const waits = defineStore({ name: "sums", topic: amounts, apply });
  await expect(scene.openServing(waits)).rejects.toMatchObject({ code: "STORE_APPLY_FAILED" });
});

test("a record that does not fit its topic changes nothing and is said", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  await scene.appendRaw(0, "ann", "{");
  await scene.appendRaw(0, "ann", `{"id":"ann","add":"one"}`);
  await scene.append({ id: "ann", add: 2 });
  expect(contents(await scene.openServing())).toEqual({ ann: 3 });
  expect(scene.said.find((line) => line.startsWith("records do not fit"))).toContain(`{"partition":0,"offset":1}`);
});

test("a topic that is made anew makes the store anew", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  const copy = await scene.openServing();
  const topic = await scene.log.findTopic("amounts");
  if (topic !== undefined) await scene.log.deleteTopic(topic);
  await scene.append({ id: "bob", add: 2 });
  await untilHeld(copy, "bob", 2);
  expect(contents(copy)).toEqual({ bob: 2 });
});

test("a damaged file is put aside, and the store is made anew", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 });
  await scene.close(await scene.openServing());
  const folder = join(scene.folder, "stores", "sums", "0");
  const [name = ""] = (await readdir(folder)).filter((file) => file.endsWith(".sqlite"));
  await writeFile(join(folder, name), "no database at all, but long enough to be looked at".repeat(50));
  await rm(scene.snapshotFolder, { recursive: true });
  expect(contents(await scene.openServing())).toEqual({ ann: 1 });
  expect(await readdir(folder)).toContain(`${name}.damaged`);
});

test("what a copy tells of itself can be read from outside", async () => {
  await using scene = await StoreScene.make();
  await scene.append({ id: "ann", add: 1 }, { id: "zoe", add: 1 });
  await scene.close(await scene.openServing());
  expect(await listStoreStatuses(join(scene.folder, "stores"))).toMatchObject([
    { store: "sums", topic: "amounts", run: "r1", state: "closed", positions: [{ offset: 1, end: 1 }, { offset: 1 }] },
  ]);
});

function isServing(copy: { isServing(): boolean }): boolean {
  try {
    return copy.isServing();
  } catch {
    return false;
  }
}
