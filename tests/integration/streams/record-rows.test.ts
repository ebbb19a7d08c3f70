// Records of topics as rows of queries: what a value, a key and a place become, and what is refused.
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { MemoryTopics } from "../../support/streams/memory-topics.ts";

let project: DataProject;
let topics: MemoryTopics;
beforeEach(async () => {
  project = await DataProject.create();
  topics = new MemoryTopics();
  topics.names = ["orders"];
  topics.declare("orders", 2);
});
afterEach(() => project[Symbol.asyncDispose]());

const query = (sql: string) => project.attempt({ topics }).query(sql);

test("fields of values are columns with the types of JSON, and each row tells its key, place and time", async () => {
  topics.append("orders", 0, [
    { value: { id: 1, total: 9.5, at: "2026-01-05T10:00:00Z" }, key: "2026-01-01", timeMs: 1_767_312_000_123 },
    { value: { id: 12345678901234567890n.toString(), total: 3 } },
  ]);
  topics.append("orders", 1, [{ value: { id: 2 }, key: "" }]);
  expect(await query("select _key, _partition, _offset, _time, id, total from orders order by 2, 3")).toEqual([
    { _key: "2026-01-01", _partition: 0, _offset: 0n, _time: "2026-01-02T00:00:00.123Z", id: "1", total: 9.5 },
    {
      _key: null,
      _partition: 0,
      _offset: 1n,
      _time: "1970-01-01T00:00:00Z",
      id: "12345678901234567890",
      total: 3,
    },
    { _key: "", _partition: 1, _offset: 0n, _time: "1970-01-01T00:00:00Z", id: "2", total: null },
  ]);
});

test("a value that is no object is the column `value`, one that is null has no field, and its own `_offset` is left out", async () => {
  topics.append("orders", 0, [
    { value: 5 },
    { value: null },
    { value: { _offset: 99, _KEY: "x", id: 7 } },
    { value: {} },
  ]);
  expect(await query("select _offset, value, id from orders order by 1")).toEqual([
    { _offset: 0n, value: 5n, id: null },
    { _offset: 1n, value: null, id: null },
    { _offset: 2n, value: null, id: 7n },
    { _offset: 3n, value: null, id: null },
  ]);
});

test("a topic without a record has the columns that tell the place, and no row", async () => {
  expect(await query("select count(*) as n, max(_offset) as last from orders")).toEqual([{ n: 0n, last: null }]);
});

test("numbers of more digits than a double has are not rounded", async () => {
  topics.append("orders", 0, [{ value: '!{"id": 9007199254740993, "total": 0.1}' }]);
  expect(await query("select id from orders")).toEqual([{ id: 9_007_199_254_740_993n }]);
});

test("a value that is no JSON is named by its place", async () => {
  topics.append("orders", 0, [{ value: { id: 1 } }, { value: "!{broken" }]);
  expect(await expectFailure(query("select * from orders"))).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: "record 1 of partition 0 of topic `orders` is no JSON",
  });
});

test("records and datasets are read by one query, and a name that is neither is told", async () => {
  topics.append("orders", 0, [{ value: { id: 1, customer: "a" } }]);
  await project.publish({ sql: "select 'a' as customer, 'DE' as country", output: { dataset: "customers" } });
  const joined = await project
    .attempt({ topics, inputs: ["customers"] })
    .query("select id, country from orders join customers using (customer)");
  expect(joined).toEqual([{ id: 1n, country: "DE" }]);
  expect(await expectFailure(query("select * from order_lines"))).toMatchObject({ code: "SQL_INVALID" });
});

test("records become a dataset, by a query and as they are", async () => {
  topics.append(
    "orders",
    0,
    Array.from({ length: 2_000 }, (_, id) => ({ value: { id, day: id % 3 } })),
  );
  const summed = await project.publish(
    {
      sql: "select day, count(*) as n from orders group by day",
      output: { dataset: "sales", mode: "merge", key: ["day"] },
    },
    { topics },
  );
  expect(summed.rows).toBe(3);
  const copied = await project.publish({ source: { topic: "orders" }, output: { dataset: "copy" } }, { topics });
  expect(copied).toMatchObject({ rows: 2_000 });
  expect(await project.rows("copy", "select sum(id) as s, max(_offset) as last from copy")).toEqual([
    { s: 1_999_000n, last: 1_999n },
  ]);
});
