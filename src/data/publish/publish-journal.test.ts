import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPublishJournal, loadIntents, concludeIntents } from "./publish-journal.ts";
import type { DeltaIntent } from "../targets/delta/leftovers.ts";
import type { TemporaryIntent } from "../targets/temporary-leftovers.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-journal-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("every intent is on disk when it is noted, and the journal is replaced whole", async () => {
  const journal = createPublishJournal(join(folder, "new"));
  const first: TemporaryIntent = { format: "parquet", path: "/t.parquet", temporary: "/.t.parquet.r1-abc.millrace" };
  const second: DeltaIntent = { format: "delta", path: "/t", names: ["a.parquet"], baseVersion: 3 };
  await journal.intend(first);
  expect(await loadIntents(join(folder, "new"))).toEqual([first]);
  await journal.intend(second);
  expect(await loadIntents(join(folder, "new"))).toEqual([first, second]);
  expect(await readdir(join(folder, "new"))).toEqual(["journal.json"]);
});

test("a folder without a journal has no intents, one with a broken journal is corrupt", async () => {
  expect(await loadIntents(join(folder, "none"))).toEqual([]);
  await writeFile(join(folder, "journal.json"), '{"format": 1, "inte');
  await expect(loadIntents(folder)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
});

test("concluding removes the hidden file and may be repeated", async () => {
  const temporary = join(folder, ".t.parquet.r1-abc.millrace");
  await writeFile(temporary, "half");
  const intents: TemporaryIntent[] = [{ format: "parquet", path: join(folder, "t.parquet"), temporary }];
  await concludeIntents(intents);
  expect(await readdir(folder)).toEqual([]);
  await concludeIntents(intents);
});
