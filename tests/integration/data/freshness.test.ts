// How new the rows of a dataset are, as publishing records it for outputs whose freshness goes by a column.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { OutputOptions } from "../../../src/core/dataset/dataset.ts";
import { DataProject } from "../../support/data/data-project.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
});

const rule = { dataset: "orders", freshness: { of: "updated_at", within: "24h" } } as const;

async function publish(rows: string, output: OutputOptions = rule): Promise<string | undefined> {
  const sql = `select * from (values ${rows}) t(id, updated_at)`;
  const { dataset } = await project.publish({ sql, inputs: [], output });
  return dataset.newestAtMs === undefined ? undefined : new Date(dataset.newestAtMs).toISOString();
}

test("the newest time of the rows is recorded with the version, whatever the time of publishing", async () => {
  expect(await publish("(1, timestamp '2026-01-03 10:00'), (2, timestamp '2026-01-04 11:30')")).toBe(
    "2026-01-04T11:30:00.000Z",
  );
  const any = { ...rule, schema: "replace" } as const;
  expect(await publish("(1, timestamptz '2026-01-02 01:00:00+02'), (2, NULL)", any)).toBe("2026-01-01T23:00:00.000Z");
  expect(await publish("(1, date '2026-01-05')", any)).toBe("2026-01-05T00:00:00.000Z");
});

test("rows that stay count as well, where a mode keeps them", async () => {
  const append = { ...rule, mode: "append" } as const;
  expect(await publish("(1, timestamp '2026-01-04 00:00')", append)).toBe("2026-01-04T00:00:00.000Z");
  expect(await publish("(2, timestamp '2026-01-02 00:00')", append)).toBe("2026-01-04T00:00:00.000Z");
  expect(await publish("(3, NULL::timestamp)", append)).toBe("2026-01-04T00:00:00.000Z");
});

test("rows without a time, or with one at infinity, have no newest time", async () => {
  expect(await publish("(1, NULL::timestamp)")).toBeUndefined();
  expect(
    await publish("(1, timestamp 'infinity')", { ...rule, parquet: { path: "data/orders.parquet" } }),
  ).toBeUndefined();
  expect(await publish("(1, timestamp '2026-01-04 00:00')", { dataset: "orders", freshness: "1h" })).toBeUndefined();
});

test.each([
  ["(1, 'yesterday')", "needs column `updated_at` with dates or timestamps, got: `VARCHAR`"],
  ["(1, 20260104)", "needs column `updated_at` with dates or timestamps, got: `INTEGER`"],
])("rows such as %s are refused before anything is published", async (rows, message) => {
  await expect(publish(rows)).rejects.toThrow(message);
  await expect(publish(rows)).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
  expect(project.versions("orders")).toEqual([]);
});

test("a column that the rows lack is named", async () => {
  const output = { dataset: "orders", freshness: { of: "changed_at", within: "1h" } } as const;
  await expect(publish("(1, timestamp '2026-01-04 00:00')", output)).rejects.toThrow(
    "`freshness` of dataset `orders` needs column `changed_at` with dates or timestamps, got: `id, updated_at`",
  );
});

test.each([
  [
    "a day",
    "expected `freshness` of dataset `orders` to be a duration such as `24h`, or an object with `within` and `of`",
  ],
  [
    { of: "updated_at" },
    "expected `within` of `freshness` of dataset `orders` to be a duration of at least one second, such as `24h`",
  ],
])("the freshness %j is refused", async (freshness, message) => {
  const output = { dataset: "orders", freshness } as unknown as OutputOptions;
  await expect(publish("(1, timestamp '2026-01-04 00:00')", output)).rejects.toThrow(message);
});
