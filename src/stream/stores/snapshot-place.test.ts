// Places of snapshots: a folder and a bucket keep the same contract.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lendPlaces } from "../../../tests/support/files/lent-places.ts";
import { openSnapshotPlace } from "./snapshot-place.ts";

const places = lendPlaces();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-snapshots-"));
});
afterEach(() => rm(folder, { recursive: true }));

test.each(["folder", "bucket"])("a %s gives back what was put there under its name, and nothing else", async (kind) => {
  const address = kind === "folder" ? join(folder, "payloads") : `s3://${places.lake.connection.s3.bucket}/streams`;
  const place = await openSnapshotPlace(address);
  expect(await place.list()).toEqual([]);
  await writeFile(join(folder, "from"), "state");
  await place.put("sums-c0de-1.sqlite", join(folder, "from"));
  expect(await place.list()).toEqual(["sums-c0de-1.sqlite"]);
  expect(await place.fetch("sums-c0de-1.sqlite", join(folder, "to"))).toBe(true);
  expect(await readFile(join(folder, "to"), "utf8")).toBe("state");
  expect(await place.fetch("sums-c0de-2.sqlite", join(folder, "other"))).toBe(false);
  await place.remove("sums-c0de-1.sqlite");
  await place.remove("sums-c0de-1.sqlite");
  expect(await place.list()).toEqual([]);
});
