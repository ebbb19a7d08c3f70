// `ctx.sql`: what a query reads without naming it again, and values that are bound.
import { afterEach, beforeEach, expect, test } from "vitest";
import { dataset } from "../../../src/core/dataset/dataset-handle.ts";
import type { JobData, SqlValue } from "../../../src/core/job/job-context.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
let data: JobData;
beforeEach(async () => {
  project = await DataProject.create();
  const sql = `select * from (values (1, date '2026-01-01', 'x'), (2, date '2026-01-02', 'it''s'), (3, date '2026-01-03', null)) v(id, day, text)`;
  await project.publish({ sql, output: { dataset: "orders", delta: { partitionBy: ["day"] } } });
  await project.publish({ sql: "select 1 as n", output: { dataset: "other" } });
  data = project.attempt({ inputs: ["orders", "gone"] });
});
afterEach(() => project[Symbol.asyncDispose]());

const idsOf = async (rows: Promise<readonly Readonly<Record<string, unknown>>[]>): Promise<unknown[]> =>
  (await rows).map(({ id }) => Number(id));

test("a query reads the inputs of its job without naming them again, and opens no others", async () => {
  expect(await idsOf(data.query("select id from Orders order by id"))).toEqual([1, 2, 3]);
  expect(await data.query("select n from other", [dataset("other")])).toEqual([{ n: 1 }]);
  expect(await expectFailure(data.query("select n from other"))).toMatchObject({ code: "SQL_INVALID" });
  expect(await expectFailure(data.query("select * from gone"))).toMatchObject({ code: "DATASET_UNKNOWN" });
});

test("what is published reads the inputs of its job as well", async () => {
  await data.publish({ sql: "select max(id) as id from orders", output: dataset("newest") });
  expect(await project.rows("newest")).toEqual([{ id: 3 }]);
  const error = await expectFailure(data.publish({ sql: "select * from other", output: { dataset: "x" } }));
  expect(error).toMatchObject({ code: "DATASET_UNKNOWN", hint: "inputs: orders, gone; name what else it reads there" });
});

test.each<[SqlValue, number[]]>([
  ["2026-01-02", [2, 3]],
  [new Date("2026-01-02T00:00:00Z"), [2, 3]],
  ["2026-02-01", []],
])("a bound date %o is compared as a date", async (from, ids) => {
  expect(await idsOf(data.query`select id from orders where day >= ${from} order by id`)).toEqual(ids);
});

test("values are bound and never become part of the text", async () => {
  const evil = "x' or 1 = 1 --";
  expect(await data.query`select id from orders where text = ${evil}`).toEqual([]);
  expect(await idsOf(data.query`select id from orders where text = ${"it's"}`)).toEqual([2]);
  const [row] =
    await data.query`select ${evil} as evil, ${2n ** 100n} as big, ${1.5} as half, ${7} as whole, ${true} as yes,
    ${null} as none, ${"a\0b"} as nul, ${new Date(1)} as at`;
  expect(row).toMatchObject({ evil, half: 1.5, whole: 7n, yes: true, none: null, nul: "a\0b" });
  expect(String(row?.["big"])).toBe(String(2n ** 100n));
  expect(row?.["at"]).toContain("1970-01-01");
});

test("a value inside quotes is an error of syntax and no text", async () => {
  const error = await expectFailure(data.query`select id from orders where text = '${"it's"}'`);
  expect(error).toMatchObject({ code: "SQL_INVALID" });
});

test.each<[unknown, string]>([
  [undefined, "undefined"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  [new Date(Number.NaN), "Invalid Date"],
  [["a"], "an array"],
  [dataset("orders"), "object"],
  [2n ** 127n, "a bigint of more than 128 bits"],
])("%o is no value", async (value, got) => {
  const error = await expectFailure(data.query`select ${value as SqlValue}`);
  expect(error).toMatchObject({
    code: "VALUE_INVALID",
    message: `expected value 1 of a query to be one that SQL has, got: \`${got}\``,
  });
});
