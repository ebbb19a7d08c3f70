import { expect, test } from "vitest";
import { useEngineSession } from "../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";

const session = useEngineSession();

test("SQL calls a function for each value, also for one that comes again, and NULL stays NULL", async () => {
  let calls = 0;
  const call = await session().defineFunction((text) => {
    calls += 1;
    return `${text}${calls}`;
  });
  const rows = await session().query(`SELECT ${call("v")} AS v FROM (VALUES ('a'), (NULL), ('a')) t(v)`);
  expect(rows.map(({ v }) => v === null)).toEqual([false, true, false]);
  expect(new Set(rows.map(({ v }) => v)).size).toBe(3);
  const many = await session().query(`SELECT count(DISTINCT ${call("'x'")}) AS n FROM range(5000)`);
  expect(many).toEqual([{ n: 5_000n }]);
});

test("each function is called under its own number, in views, too", async () => {
  const [first, second] = [
    await session().defineFunction((text) => `${text}!`),
    await session().defineFunction((text) => `${text}?`),
  ];
  await session().defineView("sides", `SELECT ${first("'a'")} AS one, ${second("'a'")} AS two`);
  expect(await session().query("SELECT * FROM sides")).toEqual([{ one: "a!", two: "a?" }]);
});

test("what a function throws is what the query fails with, and the session goes on", async () => {
  const error = new TypeError("canary");
  const call = await session().defineFunction(() => {
    throw error;
  });
  const thrown = await expectFailure(session().query(`SELECT ${call("'a'")}`));
  expect(thrown).toMatchObject({ code: "SQL_FAILED", message: "canary" });
  expect(await session().query("SELECT 1 AS a")).toEqual([{ a: 1 }]);
});

test("the columns that a select mentions are known, however they are written", async () => {
  const sql = `SELECT (case when t."A b" > 1 then o.field else lower(c) end) FROM source t WHERE d IN (SELECT e FROM other)`;
  expect((await session().parseColumns(sql)).toSorted()).toEqual(["A b", "c", "d", "e", "field", "o", "t"]);
});
