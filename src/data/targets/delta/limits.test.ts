import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { listDeltaLimits } from "./limits.ts";

const session = useEngineSession();

/** Which columns of the only row of a query break a limit. */
async function broken(sql: string, partitionBy: readonly string[] = []): Promise<string[]> {
  const limits = listDeltaLimits(await session().describe(sql), partitionBy);
  const list = ["true AS found", ...limits.map(({ breaks }, index) => `coalesce(${breaks}, false) AS l${index}`)];
  const [row = {}] = await session().query(`SELECT ${list.join(", ")} FROM (${sql})`);
  return limits.filter((_limit, index) => row[`l${index}`] === true).map(({ column }) => column);
}

const types = ["date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamptz"];
const around: readonly (readonly [place: string, (value: string) => string])[] = [
  ["c", (value) => value],
  ["c.element", (value) => `[null, ${value}]`],
  ["c.element", (value) => `array_value(${value}, ${value})`],
  ["c.element.element", (value) => `[null, [null], [${value}]]`],
  ["c.Valid to", (value) => `{a: 1, 'Valid to': ${value}}`],
  ["c.it's.x", (value) => `{'it''s': {x: ${value}}}`],
  ["c.key", (value) => `map {${value}: 1}`],
  ["c.value", (value) => `map {'k': null, 'l': ${value}}`],
  ["c.element.x", (value) => `[null, {x: null}, {x: ${value}}]`],
  ["c.value.element.x", (value) => `map {'k': [{x: ${value}}]}`],
];
const places = types.flatMap((type) => around.map(([place, wrap]) => ({ type, place, wrap })));

test.each(places)("an infinite $type is found at $place, and no other value is", async ({ type, place, wrap }) => {
  for (const text of ["infinity", "-infinity"]) {
    expect(await broken(`select 1 as id, ${wrap(`'${text}'::${type}`)} as c`)).toEqual([place]);
  }
  expect(await broken(`select 1 as id, ${wrap(`'2020-01-01'::${type}`)} as c`)).toEqual([]);
  const none = `select 1 as id, ${wrap(`'2020-01-01'::${type}`)} as c`;
  expect(await broken(`select 1 as id, c from (${none}) right join (select 2) on false`)).toEqual([]);
});

test.each([
  ["''", ["p"]],
  ["' '", []],
  ["null::varchar", []],
  ["'__HIVE_DEFAULT_PARTITION__'", []],
  ["'0044-03-15 (BC)'::date", ["p"]],
  ["date '10000-01-01'", ["p"]],
  ["date '9999-12-31'", []],
  ["date '0001-01-01'", []],
  ["timestamp '10000-01-01'", ["p"]],
  ["'infinity'::timestamp", ["p"]],
  ["1.5::double", []],
])("a partition value %s breaks the limits of %j", async (value, columns) => {
  expect(await broken(`select 1 as id, ${value} as p`, ["p"])).toEqual(columns);
});

test("an empty text is a value like any other outside of partition columns", async () => {
  expect(await broken("select '' as a, '' as p", ["p"])).toEqual(["p"]);
});
