import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lendPlaces } from "../../../tests/support/files/lent-places.ts";
import { type DeliveryIntent, deliveryFormat, deliveryLeftovers } from "./delivery-leftovers.ts";

const places = lendPlaces();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-delivery-"));
});
afterEach(() => rm(folder, { recursive: true }));

const owner = "r7-abc";

function intend(path: string, more: Partial<DeliveryIntent> = {}): DeliveryIntent {
  return { format: deliveryFormat, path, owner, files: [join(path, "a"), join(path, "b")], ...more };
}

test("hidden files of the run are found and taken away, and nothing else", async () => {
  for (const name of ["a", ".a.r7-abc.millrace", ".a.r8-abc.millrace", ".b"]) await writeFile(join(folder, name), "x");
  const intent = intend(folder);
  expect(await deliveryLeftovers.list(intent)).toEqual([join(folder, ".a.r7-abc.millrace")]);
  await deliveryLeftovers.clear(intent);
  await deliveryLeftovers.clear(intent);
  expect((await readdir(folder)).toSorted()).toEqual([".a.r8-abc.millrace", ".b", "a"]);
});

test("behind a connection they are taken away, too", async () => {
  const names = ["/a", "/.a.r7-abc.millrace", "/.a.r8-abc.millrace"];
  for (const name of names) {
    places.cluster.files.set(name, "x");
    await writeFile(join(places.drop.root, name), "x");
  }
  places.lake.uploads.set("u1", { key: "/a", parts: new Map() });
  for (const connection of ["cluster", "drop", "lake"]) await deliveryLeftovers.clear(intend("/", { connection }));
  expect([...places.cluster.files.keys()]).toEqual(["/a", "/.a.r8-abc.millrace"]);
  expect((await readdir(places.drop.root)).toSorted()).toEqual([".a.r8-abc.millrace", "a"]);
  expect(places.lake.uploads.size).toBe(0);
});

test.each([
  ["a relative path", { files: ["a"] }],
  ["an owner that is no run", { owner: "../x" }],
  ["another format", { format: "csv" }],
])("%s in a journal is not taken for ours", (_, change) => {
  expect(deliveryLeftovers.schema.safeParse({ ...intend("/out"), ...change }).success).toBe(false);
});
