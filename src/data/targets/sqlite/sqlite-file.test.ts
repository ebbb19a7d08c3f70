import { copyFileSync, existsSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { hasInterruptedTransaction, toSqliteError, withSqliteFile } from "./sqlite-file.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-sqlite-"));
  path = join(folder, "t.db");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The database as a killed process leaves it in the middle of a transaction whose pages no longer fitted into memory. */
function interrupt(change: string): void {
  const live = join(folder, "live.db");
  using database = new DatabaseSync(live);
  database.exec(
    "create table t as with recursive n (id) as (select 1 union all select id + 1 from n where id < 400) select id, hex(zeroblob(200)) as text from n",
  );
  database.exec(`pragma cache_size = 5; pragma synchronous = off; begin immediate; ${change}`);
  copyFileSync(live, path);
  copyFileSync(`${live}-journal`, `${path}-journal`);
}

const changes = [
  "update t set text = 'x'",
  "delete from t where id % 2 = 0",
  "delete from t where id > 0",
  "update t set id = -id",
];

test.each(changes)("who reads after an interrupted `%s` finds what was committed", async (change) => {
  interrupt(change);
  expect(await hasInterruptedTransaction(path)).toBe(true);
  const row = await withSqliteFile(path, { readOnly: true }, (database) =>
    database.prepare("select count(*) as n, min(length(text)) as shortest, min(id) as first from t").get(),
  );
  expect({ ...row }).toEqual({ n: 400, shortest: 400, first: 1 });
  expect(existsSync(`${path}-journal`)).toBe(false);
  expect(await hasInterruptedTransaction(path)).toBe(false);
});

test.each(changes)("who writes after an interrupted `%s` goes on from what was committed", async (change) => {
  interrupt(change);
  const changed = await withSqliteFile(path, { readOnly: false }, (database) =>
    database.prepare("update t set text = 'y' where length(text) = 400 and id > 0").run(),
  );
  expect(Number(changed.changes)).toBe(400);
  expect(existsSync(`${path}-journal`)).toBe(false);
});

test("a file that is no database is refused and left as it is", async () => {
  await writeFile(path, "this is no database, however long it may be".repeat(100));
  for (const readOnly of [true, false]) {
    const error = await expectFailure(withSqliteFile(path, { readOnly }, () => undefined));
    expect(error).toMatchObject({ code: "TARGET_UNREADABLE", message: expect.stringContaining(path) });
  }
  expect((await expectFailure(hasInterruptedTransaction(path))).code).toBe("TARGET_UNREADABLE");
});

test("work on one file is done in a line, also when links lead to it, and a failure holds up nobody", async () => {
  using _database = new DatabaseSync(path);
  const order: string[] = [];
  const work = async (name: string): Promise<void> => {
    order.push(`${name} begins`);
    await new Promise(setImmediate);
    order.push(`${name} ends`);
    if (name === "one") throw new Error("one fails");
  };
  const other = join(folder, "link.db");
  await symlink(path, other);
  const ends = [path, other, path].map((file, index) =>
    withSqliteFile(file, { readOnly: index === 1 }, () => work(["one", "two", "three"][index] ?? "")),
  );
  await Promise.allSettled(ends);
  expect(order).toEqual(["one begins", "one ends", "two begins", "two ends", "three begins", "three ends"]);
});

test.each([
  [5, "TARGET_CONFLICT"],
  [6, "TARGET_CONFLICT"],
  [262, "TARGET_CONFLICT"], // SQLITE_LOCKED_SHAREDCACHE
  [13, "DISK_FULL"],
  [778, "DISK_FULL"], // SQLITE_IOERR_WRITE, as for a limit of the size of files
  [4874, "DISK_FULL"], // SQLITE_IOERR_SHMSIZE
  [266, "TARGET_UNREADABLE"], // SQLITE_IOERR_READ
  [11, "TARGET_UNREADABLE"],
  [776, "TARGET_UNREADABLE"], // SQLITE_READONLY_ROLLBACK
  [26, "TARGET_UNREADABLE"],
])("result code %i of SQLite is a %s", (errcode, code) => {
  const error = Object.assign(new Error("from SQLite"), { code: "ERR_SQLITE_ERROR", errcode });
  expect(toSqliteError(error, "t.db")).toMatchObject({ code });
});
