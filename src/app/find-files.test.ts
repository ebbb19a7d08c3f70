import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findFiles } from "./find-files.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "millrace-find-"));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

test("files that fit are told by path, size and time; folders are none, and a folder that is not there has none", async () => {
  expect(await findFiles(root, "inbox/*.csv")).toEqual([]);
  await mkdir(join(root, "inbox/c.csv"), { recursive: true });
  await writeFile(join(root, "inbox/b.csv"), "12345");
  await writeFile(join(root, "inbox/a.csv"), "1");
  await writeFile(join(root, "inbox/a.txt"), "1");
  const found = await findFiles(root, "inbox/*.csv");
  expect(found.map(({ path, bytes }) => [path, bytes])).toEqual([
    ["inbox/a.csv", 1],
    ["inbox/b.csv", 5],
  ]);
  expect(found.every(({ changedAtMs }) => Number.isSafeInteger(changedAtMs))).toBe(true);
});

test("a pattern does not lead out of the project", async () => {
  for (const pattern of ["../*.csv", "/etc/*"]) {
    await expect(findFiles(root, pattern)).rejects.toMatchObject({ origin: "config" });
  }
});
