// Steps that make columns of columns: what comes out is what is looked at, never the text of the SQL.
import { expect, test } from "vitest";
import { convert, typesOf } from "../../../tests/support/data/convert.ts";
import { useEngineSession } from "../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { toConvertError } from "./step-error.ts";

const session = useEngineSession();

const people = `SELECT * FROM (VALUES
  (1, 'Ada', {city: 'Oslo', geo: {lat: 59.9, lon: 10.7}}),
  (2, NULL, NULL)) t(id, "Full Name", home)`;

test("columns and fields are chosen in the order in which they are named, also under new names", async () => {
  const listed = await convert(session(), people, [{ select: ["home.geo.lat", "full name"] }]);
  expect(listed.rows).toEqual([
    { lat: "59.9", "Full Name": "Ada" },
    { lat: null, "Full Name": null },
  ]);
  const named = await convert(session(), people, [{ select: { who: "Full Name", town: "HOME.City", id: "id" } }]);
  expect(named.rows[0]).toEqual({ who: "Ada", town: "Oslo", id: 1 });
  expect(Object.keys(named.rows[0] ?? {})).toEqual(["who", "town", "id"]);
});

test("a column with a dot in its name goes before the field of an object", async () => {
  const { rows } = await convert(session(), `SELECT {b: 1} AS a, 2 AS "a.b"`, [{ select: ["a.b"] }]);
  expect(rows).toEqual([{ "a.b": 2 }]);
});

test("names that are changed or left out leave the other columns where they are", async () => {
  const { rows } = await convert(session(), people, [
    { rename: { "Full Name": "name", id: "ID2" } },
    { drop: ["HOME"] },
  ]);
  expect(rows[0]).toEqual({ ID2: 1, name: "Ada" });
});

test("two columns may change names with each other", async () => {
  const { rows } = await convert(session(), "SELECT 1 AS a, 2 AS b", [{ rename: { a: "b", b: "a" } }]);
  expect(rows).toEqual([{ b: 1, a: 2 }]);
});

test.each([
  [{ select: ["nmae"] }, "step 1 (`select`): there is no column `nmae`, did you mean `name`?"],
  [{ select: ["home.cty"] }, "step 1 (`select`): there is no column `home.cty`"],
  [{ drop: ["x"] }, "step 1 (`drop`): there is no column `x`"],
  [{ drop: ["id", "name", "home"] }, "step 1 (`drop`): no column is left"],
  [{ rename: { name: "ID" } }, "step 1 (`rename`): two columns would be called `ID`"],
  [{ flatten: ["id"] }, "step 1 (`flatten`): expected `id` to be an object, got: `INTEGER`"],
  [{ explode: "id" }, "step 1 (`explode`): expected `id` to be a list, got: `INTEGER`"],
] as const)("%j is refused with step and column", async (step, message) => {
  const sql = "SELECT 1 AS id, 'Ada' AS name, {city: 'Oslo'} AS home";
  const error = await expectFailure(convert(session(), sql, [step]));
  expect(error.code).toBe("SCHEMA_MISMATCH");
  expect(error.message).toContain(message);
});

test("what is wrong with an expression names its step, and no place in a query that nobody has written", async () => {
  const error = await expectFailure(
    convert(session(), people, [{ drop: ["home"] }, { derive: { a: { sql: "no_such + 1" } } }]),
  );
  expect(error).toMatchObject({ code: "SQL_INVALID" });
  expect(error.message).toMatch(/^step 2 \(`derive`\): .*no_such/);
  expect(error.message).not.toMatch(/line \d/);
});

test("fields of objects become columns, as deep as it is said", async () => {
  const one = await convert(session(), people, [{ flatten: ["home"] }]);
  expect(typesOf(one.columns)).toEqual({
    id: "INTEGER",
    "Full Name": "VARCHAR",
    home_city: "VARCHAR",
    home_geo: "STRUCT(lat DECIMAL(3,1), lon DECIMAL(3,1))",
  });
  const all = await convert(session(), people, [{ flatten: "all", separator: ".", depth: 9 }]);
  expect(all.rows[0]).toEqual({
    id: 1,
    "Full Name": "Ada",
    "home.city": "Oslo",
    "home.geo.lat": "59.9",
    "home.geo.lon": "10.7",
  });
  const plain = await convert(session(), people, [{ flatten: ["home"], separator: "" }]);
  expect(Object.keys(plain.rows[0] ?? {})).toEqual(["id", "Full Name", "city", "geo"]);
});

test("columns become an object, whatever their names are", async () => {
  const sql = `SELECT 1 AS id, 'x' AS "it's", 2 AS c`;
  const some = await convert(session(), sql, [{ wrap: "o", fields: ["it's", "c"] }]);
  expect(some.rows).toEqual([{ id: 1, o: { "it's": "x", c: 2 } }]);
  const all = await convert(session(), sql, [{ wrap: "row" }]);
  expect(all.rows).toEqual([{ row: { id: 1, "it's": "x", c: 2 } }]);
});

test("values are derived from the rows before the step, and take the place of a column with their name", async () => {
  const { rows } = await convert(session(), "SELECT 2 AS a, 'x' AS b", [
    {
      derive: {
        B: { sql: "a * 10" },
        c: { sql: "b || '!'" },
        n: 7,
        t: true,
        none: null,
        text: "it's \\{{not a variable}}",
      },
    },
  ]);
  expect(rows).toEqual([{ a: 2, b: 20, c: "x!", n: 7n, t: true, none: null, text: "it's {{not a variable}}" }]);
});

test("a part of a text is found by a pattern, and a text without it is an error, NULL, or set aside", async () => {
  const sql = "SELECT * FROM (VALUES (1, '/syncs/1234'), (2, NULL), (3, 'no such thing')) t(id, uri)";
  const step = { derive: { sync: { match: "uri", pattern: "/syncs/([0-9]+)$" } } };
  const error = await expectFailure(convert(session(), sql, [step])).catch((thrown: unknown) => thrown);
  expect(toConvertError(error)).toMatchObject({
    code: "CONVERT_FAILED",
    message: "step 1 (`derive`): `uri` does not match the pattern of `sync` in a row",
  });
  const empty = await convert(session(), sql, [{ ...step, onError: "null" }, { drop: ["uri"] }]);
  expect(empty.rows).toEqual([
    { id: 1, sync: "1234" },
    { id: 2, sync: null },
    { id: 3, sync: null },
  ]);
  const aside = await convert(session(), sql, [{ ...step, onError: "quarantine" }]);
  expect(aside.rows.map(({ id }) => id)).toEqual([1, 2]);
  expect(aside.aside).toEqual([
    {
      id: 3,
      uri: "no such thing",
      _millrace_reasons: ["step 1 (`derive`): `uri` does not match the pattern of `sync` in a row"],
    },
  ]);
});

test("a pattern without a group gives the whole match, one with brackets in a class too", async () => {
  const { rows } = await convert(session(), "SELECT 'a(7)b' AS v", [
    { derive: { whole: { match: "v", pattern: "[(][0-9][)]" }, named: { match: "v", pattern: "(?P<n>[0-9])" } } },
  ]);
  expect(rows).toEqual([{ v: "a(7)b", whole: "(7)", named: "7" }]);
});

test("a date of no zone counts since 1970 in UTC, unless a zone is said", async () => {
  const { rows } = await convert(session(), "SELECT '2019-11-01' AS day", [
    {
      derive: {
        utc: { epoch: "day", format: "%Y-%m-%d" },
        la: { epoch: "day", unit: "seconds", format: ["%d.%m.%Y", "%Y-%m-%d"], timezone: "America/Los_Angeles" },
      },
    },
  ]);
  expect(rows).toEqual([{ day: "2019-11-01", utc: 1_572_566_400_000n, la: 1_572_591_600n }]);
});

test("only the end of a text that is long enough stays to be seen, a hash needs the key, and NULL stays NULL", async () => {
  const sql =
    "SELECT * FROM (VALUES ('4111111111111111', 'a@x.no', 1), ('123', 'a@x.no', 2), (NULL, NULL, NULL)) t(card, mail, n)";
  const { rows } = await convert(session(), sql, [{ mask: { card: { keepLast: 4 }, mail: "hash", n: "redact" } }]);
  expect(rows.map(({ card }) => card)).toEqual(["***1111", "***", null]);
  expect(rows.map(({ n }) => n)).toEqual(["***", "***", null]);
  expect(rows[0]?.["mail"]).toBe(rows[1]?.["mail"]);
  expect(rows[0]?.["mail"]).toMatch(/^[0-9a-f]{64}$/);
  expect(rows[2]?.["mail"]).toBeNull();
});

test("what columns are made of is known through all steps that say it", async () => {
  const { lineage } = await convert(session(), "SELECT 1 AS a, 2 AS b, {x: 3} AS o", [
    { rename: { a: "A2" } },
    { derive: { sum: { sql: "A2 + b + len('b')" }, fixed: "text" } },
    { select: ["A2", "sum", "fixed", "o.x"] },
    { wrap: "all", fields: ["sum", "x"] },
  ]);
  expect(Object.fromEntries(lineage)).toEqual({
    a2: { from: ["a"], isSame: true },
    fixed: { from: [], isSame: false },
    all: { from: ["a", "b", "o"], isSame: false },
  });
  const opaque = await convert(session(), "SELECT 1 AS a", [{ sql: "select a + 1 as b from source" }]);
  expect(Object.fromEntries(opaque.lineage)).toEqual({ b: { from: undefined } });
});
