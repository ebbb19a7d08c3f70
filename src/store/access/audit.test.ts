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
  folder = await mkdtemp(join(tmpdir(), "millrace-audit-"));
  path = join(folder, "store.db");
  store = await createSqliteStore({ path });
  const entry = { actor: "ann", target: "job:etl", detail: { n: 1 }, outcome: "allowed" } as const;
  await store.appendAudit(["a", "b", "c", "d"].map((action) => ({ ...entry, action })));
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const damages: readonly [name: string, brokenAt: number, sql: string][] = [
  ["another actor", 3, "update audit set actor = 'mallory' where seq = 3"],
  ["another detail", 2, "update audit set detail = '{}' where seq = 2"],
  ["another time", 1, "update audit set at = at + 1 where seq = 1"],
  ["another outcome", 4, "update audit set outcome = 'denied' where seq = 4"],
  ["a changed hash", 2, "update audit set hash = replace(hash, substr(hash, 1, 1), 'x') where seq = 2"],
  ["a removed entry", 2, "delete from audit where seq = 2"],
  ["a first entry that is gone", 1, "delete from audit where seq = 1"],
  ["an end that was cut off", 4, "delete from audit where seq = 4"],
  [
    "an end that was cut off together with its mark",
    4,
    "update audit_end set seq = 3, hash = (select hash from audit where seq = 3)",
  ],
  [
    "two entries that changed places",
    2,
    "update audit set seq = 9 - seq where seq in (2, 3); update audit set seq = seq - 4 where seq > 4",
  ],
];

test.each(damages)("%s is found at entry %i", async (_name, brokenAt, sql) => {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  const message = `the audit does not hold from entry ${brokenAt} on`;
  expect(await store.verify()).toEqual([{ invariant: "I11", message }]);
  expect(await store.verifyAudit()).toEqual({ brokenAt });
});

test("a range that begins after the damage holds", async () => {
  const database = new DatabaseSync(path);
  database.exec("update audit set actor = 'mallory' where seq = 1");
  database.close();
  expect(await store.verifyAudit({ fromSeq: 2, toSeq: 4 })).toEqual({ brokenAt: undefined });
  expect(await store.verifyAudit({ fromSeq: 1, toSeq: 1 })).toEqual({ brokenAt: 1 });
});
