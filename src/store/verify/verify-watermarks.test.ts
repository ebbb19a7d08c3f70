import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSqliteStore } from "../sqlite/sqlite-store.ts";
import type { Store } from "../store.ts";

let folder: string;
let path: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-watermarks-"));
  path = join(folder, "store.db");
  store = await createSqliteStore({ path });
  for (const name of ["a", "b"]) {
    for (const [seenVersion, value] of [5, 9, 2, 7].entries()) {
      await store.setWatermark({ job: "etl", tenant: "t", name, seenVersion, value, by: "ann", reason: "test" });
    }
  }
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("a person may move a watermark back", async () => {
  expect(await store.verify()).toEqual([]);
});

const damages: readonly [name: string, message: string, sql: string][] = [
  ["a run that moved one back", "version 3 was moved back by run r8", "update watermark_version set run_id = 8"],
  ["a gap", "version 3 follows version 1", "delete from watermark_version where version = 2"],
  [
    "a newest version that is gone",
    "version 1 is not of the newest",
    "delete from watermark_version where version = 4",
  ],
  ["a mark that is behind", "version 1 is not of the newest", "update watermark set version = 3"],
  ["a mark that is gone", "version 1 is not of the newest", "delete from watermark"],
  [
    "versions that are gone",
    "watermark b of job etl has no versions",
    "delete from watermark_version where name = 'b'",
  ],
];

test.each(damages)("%s breaks I4", async (_name, message, sql) => {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  const violations = await store.verify();
  expect(new Set(violations.map(({ invariant }) => invariant))).toEqual(new Set(["I4"]));
  expect(violations.map((violation) => violation.message).join("\n")).toContain(message);
});
