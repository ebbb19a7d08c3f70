import { expect, test } from "vitest";
import { all, idList, run, type Script, takeRunIds } from "../rows/script.ts";
import type { Outcome, Param, Session, Statement } from "./database.ts";
import { runScript, toPostgres } from "./run-script.ts";

class FakeSession implements Session {
  readonly calls: { readonly text: string; readonly params: readonly Param[] }[] = [];

  async query<Row>({ text }: Statement, params: readonly Param[]): Promise<Outcome<Row>> {
    this.calls.push({ text, params });
    if (text.includes("boom")) throw new RangeError("boom");
    return { rows: [{ id: 7 }] as Row[], changes: 3 };
  }
}

test("values are numbered in order, lists become arrays and rows a set", () => {
  expect(toPostgres("select a from t where b = ? and c in (ids ?) and d not in (ids ?) and e = ?").text).toBe(
    "select a from t where b = $1 and c = any ($2::bigint[]) and d <> all ($3::bigint[]) and e = $4",
  );
  expect(toPostgres("insert into t select r.value ->> 'x', ? from (rows ?) r").text).toBe(
    "insert into t select r.value ->> 'x', $1 from (select ordinality as key, value from jsonb_array_elements($2::jsonb) with ordinality) r",
  );
});

test("quoted question marks stay, and an ordered join is a join", () => {
  expect(toPostgres("select '?' from a ordered join b on b.x = ? for update of a skip locked").text).toBe(
    "select '?' from a join b on b.x = $1 for update of a skip locked",
  );
});

test("the same text has the same name, another text another", () => {
  expect(toPostgres("select 1").name).toBe(toPostgres("select 1").name);
  expect(toPostgres("select 2").name).not.toBe(toPostgres("select 1").name);
});

test("a script gets rows, counts and ids, and its lists are bound as arrays", async () => {
  const session = new FakeSession();
  function* script(): Script<readonly unknown[]> {
    const rows = yield* all<{ id: number }>("select id from t where id in (ids ?)", idList([1, 2]));
    const changes = yield* run("delete from t where x = ?", "in (ids ?)");
    return [rows, changes, yield* takeRunIds(1)];
  }
  expect(await runScript(session, script())).toEqual([[{ id: 7 }], 3, [7]]);
  expect(session.calls.map(({ params }) => params)).toEqual([["{1,2}"], ["in (ids ?)"], [1]]);
});

test("a script sees what its statement threw", async () => {
  function* script(): Script<string> {
    try {
      yield* run("boom");
    } catch (error) {
      return `caught ${String(error)}`;
    }
    return "nothing thrown";
  }
  expect(await runScript(new FakeSession(), script())).toBe("caught RangeError: boom");
});
