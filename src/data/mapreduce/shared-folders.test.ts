import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { openSharedFolder } from "./shared-folders.ts";

test("a run takes away what its earlier attempts have left, and what is older than any run", async () => {
  const place = await mkdtemp(join(tmpdir(), "millrace-shared-"));
  try {
    await mkdir(join(place, "other"));
    const first = await openSharedFolder(place, "r1", Date.now());
    const other = await openSharedFolder(place, "r2", Date.now());
    const second = await openSharedFolder(place, "r1", Date.now());
    expect(second).not.toBe(first);
    expect((await readdir(place)).toSorted()).toEqual(["other", basename(other), basename(second)].toSorted());
    const late = await openSharedFolder(place, "r3", Date.now() + 8 * 86_400_000);
    expect((await readdir(place)).toSorted()).toEqual([basename(late), "other"].toSorted());
  } finally {
    await rm(place, { recursive: true, force: true });
  }
});
