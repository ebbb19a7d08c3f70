import fc from "fast-check";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import type { RunId } from "../../../core/run-id.ts";
import { markSql } from "./aside-columns.ts";
import { addRows, mergeRows, type Rows } from "./aside-rows.ts";

const session = useEngineSession();

interface Row {
  readonly a: number | null;
  readonly b: string | null;
  readonly v: number | null;
}

const row = fc.record<Row>({
  a: fc.constantFrom(1, 2, null),
  b: fc.constantFrom("x", "y", null),
  v: fc.constantFrom(0, 1, null),
});
const delivery = fc.record({ aside: fc.array(row, { maxLength: 4 }), passing: fc.array(row, { maxLength: 3 }) });

const run = { id: 5 as RunId, createdAtMs: 5_000 };

async function toRows(rows: readonly Row[], more: string, type = "INTEGER"): Promise<Rows> {
  const literal = (value: number | string | null): string => (value === null ? "NULL" : `'${value}'`);
  const selects = rows.map(
    ({ a, b, v }) =>
      `SELECT CAST(${literal(a)} AS ${type}) AS a, CAST(${literal(b)} AS VARCHAR) AS b, CAST(${literal(v)} AS INTEGER) AS v${more}`,
  );
  const none = `SELECT CAST(NULL AS ${type}) AS a, CAST(NULL AS VARCHAR) AS b, CAST(NULL AS INTEGER) AS v${more} WHERE false`;
  const sql = selects.length === 0 ? none : selects.join(" UNION ALL ");
  return { sql, columns: await session().describe(sql) };
}

const reasons = ", ['bad'] AS _reasons";
const old = `${reasons}, ${markSql({ id: 4 as RunId, createdAtMs: 4_000 }, 4_000)}, CAST(NULL AS VARCHAR) AS _quarantine_file`;
const mine = `${reasons}, ${markSql(run, 6_000)}, CAST(NULL AS VARCHAR) AS _quarantine_file`;

async function read(sql: string): Promise<string[]> {
  const rows = await session().query(`SELECT a, b, v, _quarantine_run AS run FROM (${sql})`);
  return rows.map(({ a, b, v, run: by }) => [a, b, v, by].join()).toSorted();
}

const key = ["a", "b"] as const;
const isKeyOf = (one: Row, other: Row): boolean => key.every((name) => one[name] !== null && one[name] === other[name]);
const isSame = (one: Row, other: Row): boolean => one.a === other.a && one.b === other.b && one.v === other.v;

function model(before: readonly Row[], aside: readonly Row[], passing: readonly Row[]): string[] {
  const kept = before.filter(
    (held) =>
      !passing.some((good) => isKeyOf(held, good)) &&
      (aside.some((bad) => isSame(held, bad)) || !aside.some((bad) => isKeyOf(held, bad))),
  );
  const fresh = aside.filter((bad) => !before.some((held) => isSame(held, bad)));
  const line = ({ a, b, v }: Row, by: string): string => [a, b, v, by].join();
  return [...kept.map((held) => line(held, "r4")), ...fresh.map((bad) => line(bad, "r5"))].toSorted();
}

test.each(["INTEGER", "VARCHAR", "BIGINT"])(
  "after a delivery the quarantine has what nobody has resolved, also where the key was %s before",
  async (type) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 5 }), delivery, async (before, { aside, passing }) => {
        const merged = mergeRows({
          before: await toRows(before, old, type),
          aside: await toRows(aside, mine),
          passing: await toRows(passing, ""),
          key,
          run,
        });
        expect(await read(merged)).toEqual(model(before, aside, passing));
      }),
      { numRuns: 60 },
    );
  },
);

test("rows of an earlier attempt are not taken for those of another run, and an older store's run is another one", async () => {
  const rows: Row[] = [{ a: 1, b: null, v: 1 }];
  const [before, aside] = [await toRows(rows, mine), await toRows(rows, mine)];
  expect(await read(addRows({ before, aside, run }))).toEqual(["1,,1,r5"]);
  const olderStore = { ...run, createdAtMs: 9_000 };
  expect(await read(addRows({ before, aside, run: olderStore }))).toEqual(["1,,1,r5", "1,,1,r5"]);
});
