import fc from "fast-check";
import { expect, test } from "vitest";
import { untyped } from "../compute/engine-type.ts";
import { heldAsIs, planColumns, selectColumns } from "./schema-contract.ts";

const types = ["TINYINT", "INTEGER", "BIGINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP", "DECIMAL(18,2)"] as const;
const columns = fc
  .uniqueArray(fc.record({ name: fc.constantFrom("a", "b", "c", "d", "e"), type: fc.constantFrom(...types) }), {
    selector: ({ name }) => name,
    minLength: 1,
  })
  .map((list) => list.map(heldAsIs));

function plan(
  want: readonly ReturnType<typeof heldAsIs>[],
  have: Parameters<typeof planColumns>[2],
  contract: "evolve" | "freeze",
) {
  try {
    return planColumns("dataset `t`", want, have, contract);
  } catch {
    return undefined;
  }
}

test("whatever is planned keeps every column of the table with its name, place and type", () => {
  fc.assert(
    fc.property(columns, columns, fc.constantFrom("evolve" as const, "freeze" as const), (want, have, contract) => {
      const planned = plan(want, have, contract);
      if (planned === undefined) return;
      const kept = planned.columns.slice(0, have.length).map(({ name, type }) => ({ name, type }));
      expect(kept).toEqual(have.map(({ name, type }) => ({ name, type })));
      expect(planned.columns).toHaveLength(have.length + planned.added.length);
    }),
  );
});

test("freeze plans nothing but the columns that are there, with their types", () => {
  fc.assert(
    fc.property(columns, columns, (want, have) => {
      const same =
        want.length === have.length &&
        want.every(({ name, type }) => have.some((column) => column.name === name && column.type === type));
      expect(plan(want, have, "freeze") !== undefined).toBe(same);
    }),
  );
});

test("names that differ in case only are one column", () => {
  const want = [heldAsIs({ name: "ID", type: "INTEGER" })];
  expect(planColumns("dataset `t`", want, [{ name: "id", type: "BIGINT" }], "evolve").columns).toEqual([
    { name: "id", type: "BIGINT", expression: 'CAST("ID" AS BIGINT)' },
  ]);
  const both = [heldAsIs({ name: "a", type: "INTEGER" }), heldAsIs({ name: "A", type: "INTEGER" })];
  expect(() => planColumns("dataset `t`", both, undefined, "evolve")).toThrow(
    "columns of dataset `t` differ in case only, got: `a`, `A`",
  );
});

test("two columns of one name are told as such", () => {
  const twice = [heldAsIs({ name: "id", type: "INTEGER" }), heldAsIs({ name: "id", type: "INTEGER" })];
  expect(() => planColumns("dataset `t`", twice, undefined, "evolve")).toThrow(
    "two columns of dataset `t` have one name, got: `id`",
  );
});

test("a new column without a value waits for its type, unless something needs it or it is all there is", () => {
  const [id, note] = [heldAsIs({ name: "id", type: "INTEGER" }), heldAsIs({ name: "note", type: untyped })];
  const plan = (want: (typeof id)[], have: Parameters<typeof planColumns>[2], needed: boolean) => {
    const { columns, waiting } = planColumns("dataset `t`", want, have, "evolve", () => needed);
    return { columns: columns.map(({ name, type }) => `${name} ${type}`), waiting };
  };
  expect(plan([id, note], undefined, false)).toEqual({ columns: ["id INTEGER"], waiting: ["note"] });
  expect(plan([id, note], [id], false)).toEqual({ columns: ["id INTEGER"], waiting: ["note"] });
  expect(plan([id, note], [id], true)).toEqual({ columns: ["id INTEGER", "note VARCHAR"], waiting: [] });
  expect(plan([note], [id], false)).toEqual({ columns: ["id INTEGER", "note VARCHAR"], waiting: [] });
  const score = { name: "note", type: "BIGINT" };
  expect(plan([id, note], [id, score], false)).toEqual({ columns: ["id INTEGER", "note BIGINT"], waiting: [] });
});

test("rows that have the shape already are selected as they are", () => {
  const from = [{ name: "a", type: "INTEGER" }];
  expect(selectColumns("select 1 as a", from, from.map(heldAsIs))).toBe("select 1 as a");
  expect(selectColumns("select 1 as a;", from, [{ name: "b", type: "INTEGER", expression: '"a"' }])).toBe(
    'SELECT "a" AS "b" FROM (\nselect 1 as a\n)',
  );
});
