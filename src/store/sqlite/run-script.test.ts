import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { all, idList, one, rowList, run, type Script, takeRunIds } from "../rows/script.ts";
import { type Connection, openConnection } from "./connection.ts";
import { runScript, toSqlite } from "./run-script.ts";

let folder: string;
let db: Connection;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-script-"));
  db = openConnection({ path: join(folder, "store.db"), busyTimeoutMs: 100 });
  db.execute(`create table run (id integer primary key autoincrement, name text, seen_at integer)`);
});

afterEach(async () => {
  db.close();
  await rm(folder, { recursive: true });
});

function* insert(names: readonly string[]): Script<number> {
  const rows = rowList(names.map((name) => ({ name })));
  return yield* run(`insert into run (name) select r.value ->> 'name' from (rows ?) r order by r.key`, rows);
}

describe("the portable text becomes SQLite's", () => {
  test.each([
    ["select a from t where b = ? order by a for update", "select a from t where b = ? order by a"],
    ["select a from t limit ? for update skip locked", "select a from t limit ?"],
    ["select t.a from t join u on true for update of t skip locked", "select t.a from t join u on true"],
    ["(select a from t for update) union all select 1", "(select a from t) union all select 1"],
    ["delete from t where a in (ids ?)", "delete from t where a in (select value from json_each(?))"],
    ["delete from t where a not in (ids ?)", "delete from t where a not in (select value from json_each(?))"],
    ["select r.key from (rows ?) r", "select r.key from json_each(?) r"],
    ["select 1 from a ordered join b on true", "select 1 from a cross join b on true"],
    [
      "insert into t values (1) on conflict (a) do update set b = 2",
      "insert into t values (1) on conflict (a) do update set b = 2",
    ],
  ])("%s", (portable, sqlite) => {
    expect(toSqlite(portable)).toBe(sqlite);
    // The second time it is remembered.
    expect(toSqlite(portable)).toBe(sqlite);
  });
});

describe("a script runs in the caller's transaction", () => {
  test("each step gets its rows, under the names that are quoted, or how many it changed", () => {
    const script = function* (): Script<unknown> {
      const changes = yield* insert(["a", "b", "c"]);
      const some = yield* all(
        `select id, seen_at as "seenAtMs" from run where id in (ids ?) order by id`,
        idList([1, 3]),
      );
      const none = yield* one("select id from run where name = ?", "x");
      return { changes, some, none };
    };
    const some = [
      { id: 1, seenAtMs: null },
      { id: 3, seenAtMs: null },
    ];
    expect(db.transact(() => runScript(db, script()))).toEqual({ changes: 3, some, none: undefined });
  });

  test("an empty list of ids names no row", () => {
    const script = function* (): Script<unknown> {
      yield* insert(["a"]);
      return yield* run("delete from run where id in (ids ?)", idList([]));
    };
    expect(db.transact(() => runScript(db, script()))).toBe(0);
  });

  test("an exception in the script leaves nothing behind", () => {
    const script = function* (): Script<void> {
      yield* insert(["a"]);
      throw new RangeError("enough");
    };
    expect(() => db.transact(() => runScript(db, script()))).toThrow("enough");
    expect(db.all("select id from run")).toEqual([]);
  });

  test("a statement that fails leaves nothing behind, and the script sees its error", () => {
    const seen: unknown[] = [];
    const script = function* (): Script<void> {
      yield* insert(["a"]);
      try {
        yield* run("insert into run (id) values (1)");
      } catch (thrown) {
        seen.push(thrown);
        throw thrown;
      }
    };
    expect(() => db.transact(() => runScript(db, script()))).toThrow("UNIQUE");
    expect(String(seen[0])).toContain("UNIQUE");
    expect(db.all("select id from run")).toEqual([]);
  });

  test("a script may go on after a statement that failed", () => {
    const script = function* (): Script<string> {
      yield* insert(["a"]);
      try {
        yield* run("insert into run (id) values (1)");
      } catch {
        return "went on";
      }
      return "nothing failed";
    };
    expect(db.transact(() => runScript(db, script()))).toBe("went on");
    expect(db.all("select id from run")).toHaveLength(1);
  });
});

describe("run ids", () => {
  function* submit(count: number): Script<readonly number[]> {
    const ids = yield* takeRunIds(count);
    yield* run(
      "insert into run (id) select cast(r.value ->> 'id' as bigint) from (rows ?) r",
      rowList(ids.map((id) => ({ id }))),
    );
    return ids;
  }

  test("ascend over transactions", () => {
    expect(db.transact(() => runScript(db, submit(2)))).toEqual([1, 2]);
    expect(db.transact(() => runScript(db, submit(3)))).toEqual([3, 4, 5]);
  });

  test("of removed runs are not given again", () => {
    db.transact(() => runScript(db, submit(2)));
    db.run("delete from run");
    expect(db.transact(() => runScript(db, submit(1)))).toEqual([3]);
  });
});

describe("a row list", () => {
  function* readBack(text: string): Script<string | null | undefined> {
    const row = yield* one<{ text: string | null }>(
      "select r.value ->> 'text' as text from (rows ?) r",
      rowList([{ text }]),
    );
    return row?.text;
  }

  test.each([
    ["plain", "plain"],
    ["quotes \" ' and \\ and \n", "quotes \" ' and \\ and \n"],
    ["emoji 🚆 and ü", "emoji 🚆 and ü"],
    ["a \0 in the middle", "a \uFFFD in the middle"],
    ["half a pair \ud83d", "half a pair \uFFFD"],
    ["the other half \ude86.", "the other half \uFFFD."],
    // What only looks like an escape stays: JSON inside a field has these.
    [JSON.stringify({ text: "\0" }), JSON.stringify({ text: "\0" })],
  ])("keeps %j, or what can be stored of it", (text, stored) => {
    expect(db.read(() => runScript(db, readBack(text)))).toBe(stored);
  });
});
