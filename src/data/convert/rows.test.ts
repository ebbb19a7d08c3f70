// Steps that change which rows there are.
import fc from "fast-check";
import { expect, test } from "vitest";
import { convert } from "../../../tests/support/data/convert.ts";
import { useEngineSession } from "../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import type { ConvertStep } from "../../core/dataset/convert-step.ts";
import { assertStepsReadable } from "./convert-rows.ts";
import { toConvertError } from "./step-error.ts";

const session = useEngineSession();

async function refuse(sql: string, steps: readonly ConvertStep[]): Promise<unknown> {
  return toConvertError(await expectFailure(convert(session(), sql, steps)));
}

test("rows stay by a condition, by values, lists of values, NULL and patterns", async () => {
  const sql = "SELECT * FROM (VALUES (1, 'a', 19), (2, 'b', 28), (3, NULL, 190)) t(id, v, code)";
  const ids = async (filter: Extract<ConvertStep, { filter: unknown }>["filter"]): Promise<unknown[]> =>
    (await convert(session(), sql, [{ filter }])).rows.map(({ id }) => id);
  expect(await ids({ sql: "id > 1 -- not the first" })).toEqual([2, 3]);
  expect(await ids({ v: "a" })).toEqual([1]);
  expect(await ids({ v: ["a", null] })).toEqual([1, 3]);
  expect(await ids({ code: [28, "190"] })).toEqual([2, 3]);
  expect(await ids({ code: { pattern: "19|28|89" } })).toEqual([1, 2]);
  expect(await ids({ v: { pattern: ".*" }, id: 2 })).toEqual([2]);
});

test("values of variables are bound, whatever is in them", async () => {
  const value = "x'); drop table t; --";
  const reading = { units: [{ key: "", variables: { params: { who: value, n: 3 } } }] };
  const { rows } = await convert(
    session(),
    "SELECT 1 AS a",
    [{ derive: { who: "{{params.who}}", n: "{{params.n}}", both: "{{params.who}}-{{params.n}}" } }],
    reading,
  );
  expect(rows).toEqual([{ a: 1, who: value, n: 3n, both: `${value}-3` }]);
  const filtered = await convert(
    session(),
    "SELECT 3 AS n UNION ALL SELECT 4",
    [{ filter: { n: "{{params.n}}" } }],
    reading,
  );
  expect(filtered.rows).toEqual([{ n: 3 }]);
});

test("each row gets the values of its own unit, also behind steps between", async () => {
  const units = [
    { id: "a", n: 1, day: "2026-01-01" },
    { id: "b", n: 2n ** 60n, day: "2026-01-01" },
  ].map((account) => ({ key: account.id, variables: { accounts: account, token: { secret: "s" } } }));
  const sql = "SELECT * FROM (VALUES (1, 0), (2, 1), (3, 1)) t(id, _millrace_unit)";
  const { rows, columns } = await convert(
    session(),
    sql,
    [
      { select: ["id"] },
      { dedupe: ["id"] },
      { derive: { account: "{{accounts.id}}", n: "{{accounts.n}}", day: "{{accounts.day}}", none: "{{accounts.x?}}" } },
      { sql: "select * from source order by id" },
    ],
    { units },
  );
  expect(columns.map(({ name }) => name)).toEqual(["id", "account", "n", "day", "none"]);
  expect(rows).toEqual([
    { id: 1, account: "a", n: 1n, day: "2026-01-01", none: null },
    { id: 2, account: "b", n: 2n ** 60n, day: "2026-01-01", none: null },
    { id: 3, account: "b", n: 2n ** 60n, day: "2026-01-01", none: null },
  ]);
});

test("a variable without a value fails before a row is read", async () => {
  const error = await expectFailure(
    convert(session(), "SELECT error('read') AS a", [{ derive: { b: "{{params.x}}" } }]),
  );
  expect(error.code).toBe("VARIABLE_UNRESOLVED");
});

const lists = "SELECT * FROM (VALUES (1, ['a', 'b']), (2, []), (3, NULL)) t(id, tags)";

test("a list becomes rows, and what an empty one becomes is said", async () => {
  const keep = await convert(session(), lists, [{ explode: "tags", as: "tag", ordinal: "place" }]);
  expect(keep.rows).toEqual([
    { id: 1, tag: "a", place: 1n },
    { id: 1, tag: "b", place: 2n },
    { id: 2, tag: null, place: null },
    { id: 3, tag: null, place: null },
  ]);
  const drop = await convert(session(), lists, [{ explode: "tags", empty: "drop" }]);
  expect(drop.rows).toEqual([
    { id: 1, tags: "a" },
    { id: 1, tags: "b" },
  ]);
  expect(await refuse(lists, [{ explode: "tags", empty: "fail" }])).toMatchObject({
    code: "CONVERT_FAILED",
    message: "step 1 (`explode`): list `tags` is empty or NULL in a row",
  });
});

test("a list within an object becomes rows beside the object", async () => {
  const { rows } = await convert(session(), "SELECT 1 AS id, {items: [{n: 1}, {n: 2}], k: 'x'} AS o", [
    { explode: "o.items", as: "item" },
    { select: ["id", "o.k", "item.n"] },
  ]);
  expect(rows).toEqual([
    { id: 1, k: "x", n: 1 },
    { id: 1, k: "x", n: 2 },
  ]);
});

test("no item of a list is lost, and none comes twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 5 }), { nil: null }), {
        minLength: 1,
        maxLength: 12,
      }),
      async (rows) => {
        const sql = `SELECT * FROM (VALUES ${rows.map((items, id) => `(${id}, ${items === null ? "NULL::INTEGER[]" : `[${items.join(",")}]::INTEGER[]`})`).join(",")}) t(id, items)`;
        const found = await convert(session(), sql, [{ explode: "items", as: "item", ordinal: "n" }]);
        const wanted = rows.flatMap((items, id): unknown[] =>
          (items ?? []).length === 0
            ? [{ id, item: null, n: null }]
            : (items ?? []).map((item, index) => ({ id, item, n: BigInt(index + 1) })),
        );
        expect(found.rows).toEqual(wanted);
      },
    ),
    { numRuns: 15 },
  );
});

const versions = `SELECT * FROM (VALUES (1, 'old', 1), (2, 'only', 9), (1, 'new', 3), (NULL, 'x', 1), (NULL, 'y', 1), (1, 'late', 2)) t(id, v, n)`;

test("of rows with one key the last one stays, by an order or as they came; rows without a key all stay", async () => {
  const values = async (step: ConvertStep): Promise<unknown> =>
    (await convert(session(), versions, [step, { sql: "select v from source order by v" }])).rows.map(({ v }) => v);
  expect(await values({ dedupe: ["id"] })).toEqual(["late", "only", "x", "y"]);
  expect(await values({ dedupe: ["id"], keep: "first" })).toEqual(["old", "only", "x", "y"]);
  expect(await values({ dedupe: ["id"], orderBy: ["n"] })).toEqual(["new", "only", "x", "y"]);
  expect(await values({ dedupe: ["id", "n"], orderBy: ["n"] })).toEqual(["late", "new", "old", "only", "x", "y"]);
});

const conversions = "SELECT range AS id, 'c' || (range % 2) AS customer FROM range(1203)";

test("1203 rows in lists of 500 make 500, 500 and 203; an exact multiple makes no empty list, and no row none", async () => {
  const sizes = async (rows: number): Promise<unknown[]> => {
    const sql = `SELECT range AS id FROM range(${rows})`;
    const found = await convert(session(), sql, [{ batch: { size: 500, as: "items" } }]);
    return found.rows.map(({ items }) => (items as unknown[]).length);
  };
  expect(await sizes(1203)).toEqual([500, 500, 203]);
  expect(await sizes(1000)).toEqual([500, 500]);
  expect(await sizes(0)).toEqual([]);
});

test("lists of two with three rows make one of two and one of one, in the order in which rows came", async () => {
  const sql = "SELECT * FROM (VALUES (3, 'x'), (1, 'y'), (2, 'z')) t(n, v)";
  const { rows } = await convert(session(), sql, [{ batch: { size: 2, as: "pair", ordinal: "number" } }]);
  expect(rows).toEqual([
    {
      pair: [
        { n: 3, v: "x" },
        { n: 1, v: "y" },
      ],
      number: 1n,
    },
    { pair: [{ n: 2, v: "z" }], number: 2n },
  ]);
  const plain = await convert(session(), sql, [{ batch: { size: 2, as: "vs", fields: "v", orderBy: ["n"] } }]);
  expect(plain.rows).toEqual([{ vs: ["y", "z"] }, { vs: ["x"] }]);
});

test("a list never holds rows of two keys, and all rows are in exactly one", async () => {
  const { rows } = await convert(session(), conversions, [{ batch: { size: 100, as: "items", by: ["customer"] } }]);
  expect(
    rows.map(({ customer, items }) => [customer, (items as unknown[]).length]).filter(([, size]) => size !== 100),
  ).toEqual([
    ["c0", 2],
    ["c1", 1],
  ]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom("a", "b", null), fc.nat(99)), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 7 }),
      async (given, size) => {
        const values = given.map(([key, value]) => `(${key === null ? "NULL" : `'${key}'`}, ${value})`).join(",");
        const found = await convert(session(), `SELECT * FROM (VALUES ${values}) t(k, v)`, [
          { batch: { size, as: "vs", by: ["k"], fields: "v" } },
        ]);
        for (const key of ["a", "b", null]) {
          const own = found.rows.filter(({ k }) => k === key).map(({ vs }) => vs as number[]);
          expect(own.flat()).toEqual(given.filter(([k]) => k === key).map(([, v]) => v));
          expect(own.every((list, index) => list.length === size || index === own.length - 1)).toBe(true);
        }
      },
    ),
    { numRuns: 15 },
  );
});

test("51 ordered keys in ranges of 10 make five of ten and one to the end", async () => {
  const sql = "SELECT range AS id FROM range(51) UNION ALL SELECT 7";
  const { rows } = await convert(session(), sql, [{ ranges: { key: "id", size: 10, last: 999_999 } }]);
  expect(rows.map(({ from, to }) => [from, to])).toEqual([
    [0n, 9n],
    [10n, 19n],
    [20n, 29n],
    [30n, 39n],
    [40n, 49n],
    [50n, 999_999n],
  ]);
  const texts = await convert(session(), "SELECT unnest(['b', 'a', 'c']) AS k", [
    { ranges: { key: "k", size: 2, last: "zzzzzzzzzz", from: "start", to: "end" } },
  ]);
  expect(texts.rows).toEqual([
    { start: "a", end: "b" },
    { start: "c", end: "zzzzzzzzzz" },
  ]);
  expect((await convert(session(), `${sql} WHERE false`, [{ ranges: { key: "id", size: 10 } }])).rows).toHaveLength(6);
  expect(await refuse("SELECT 1 AS id UNION ALL SELECT NULL", [{ ranges: { key: "id", size: 2 } }])).toMatchObject({
    message: "step 1 (`ranges`): key `id` is NULL in a row",
  });
});

test("each key is in exactly one range", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (keys, size) => {
        const sql = `SELECT unnest([${keys.join(",")}]) AS k`;
        const { rows } = await convert(session(), sql, [{ ranges: { key: "k", size } }]);
        for (const key of keys) {
          expect(rows.filter(({ from, to }) => Number(from) <= key && key <= Number(to))).toHaveLength(1);
        }
        expect(rows).toHaveLength(Math.ceil(keys.length / size));
      },
    ),
    { numRuns: 15 },
  );
});

test("a row that breaks a rule fails the run or is set aside with all its reasons, also when its column is dropped later", async () => {
  const sql = "SELECT * FROM (VALUES (1, 'ok', 5), (2, NULL, 50), (3, 'longer', NULL)) t(id, v, n)";
  const rules = { v: { required: true, maxLength: 4 }, n: { type: "integer", maximum: 10 } } as const;
  expect(await refuse(sql, [{ validate: rules }, { select: ["id"] }])).toMatchObject({ code: "CONVERT_FAILED" });
  const { rows, aside } = await convert(session(), sql, [
    { validate: rules, onError: "quarantine" },
    { select: ["id"] },
  ]);
  expect(rows).toEqual([{ id: 1 }]);
  expect(aside.map(({ id, _millrace_reasons }) => [id, _millrace_reasons])).toEqual([
    [2, ["step 1 (`validate`): column `v` has no value", "step 1 (`validate`): column `n` is above 10"]],
    [3, ["step 1 (`validate`): column `v` is too long"]],
  ]);
});

test.each([
  [{ type: "integer" }, ["1", "x", "1.5"], [true, false, false]],
  [{ type: "date" }, ["2026-02-28", "2026-02-30"], [true, false]],
  [{ pattern: "^a" }, ["ab", "ba"], [true, false]],
  [{ enum: ["a", 1] }, ["a", "1", "b"], [true, true, false]],
  [{ minimum: 0.5, maximum: 1 }, ["0.5", "1", "0.4", "x"], [true, true, false, false]],
] as const)("%j judges %j as %j", async (rule, values, verdicts) => {
  const sql = `SELECT unnest(['${values.join("', '")}']) AS v`;
  const { rows } = await convert(session(), sql, [{ validate: { v: rule }, onError: "quarantine" }]);
  expect(rows.map(({ v }) => v)).toEqual(values.filter((_value, index) => verdicts[index]));
});

test("a column of which nothing is said is refused where that is asked for", async () => {
  const error = await expectFailure(
    convert(session(), "SELECT 1 AS a, 2 AS b", [{ validate: { a: {} }, others: false }]),
  );
  expect(error).toMatchObject({ code: "SCHEMA_MISMATCH" });
  expect(error.message).toBe("step 1 (`validate`): a column of which nothing is said, got: `b`");
});

test("SQL of a step that cannot be read is told with the step", async () => {
  const steps = [{ select: ["at"] }, { derive: { day: { sql: "cast(at as date)" } } }] satisfies ConvertStep[];
  const message = "step 2 (`derive`): syntax error at or near `as`";
  expect(await expectFailure(assertStepsReadable(session(), steps))).toMatchObject({ code: "SQL_INVALID", message });
  await assertStepsReadable(session(), [{ derive: { day: { sql: 'cast("at" as date)' } } }]);
});
