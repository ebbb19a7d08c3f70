// The part of the targets' contract about modes that replace some rows and leave the others: `insert_only`, `delete_insert`, `snapshot`.
import { describe, expect, test } from "vitest";
import type { DatasetOutput } from "../../src/core/dataset/dataset.ts";
import type { Row } from "../../src/compute/engine.ts";
import { expectFailure } from "../support/expect-failure.ts";
import type { Bench } from "./target-bench.ts";

/** The days from the first to before the last of January 2026. */
export function january(first: number, last = first + 1): { readonly from: string; readonly to: string } {
  const instant = (day: number): string => new Date(Date.UTC(2026, 0, day)).toISOString();
  return { from: instant(first), to: instant(last) };
}

const twoRows = "select * from (values (1, 'one'), (2, 'two')) v(id, name)";

export function describeRowModes(fixture: Bench): void {
  describeInsertOnly(fixture);
  describeDeleteInsert(fixture);
  describeSnapshots(fixture);
  describeDeaths(fixture);
}

function describeInsertOnly(fixture: Bench): void {
  const { put } = fixture;
  const key = { key: ["id"] };

  test("insert_only adds rows with new keys and never changes one that is there", async () => {
    await put(twoRows, "insert_only", key);
    const more = "select * from (values (2, 'zwei'), (3, 'drei')) v(id, name)";
    expect(await put(more, "insert_only", key)).toMatchObject({ changed: true, rows: 2, dataset: { rowCount: 3 } });
    expect(await put("select 1 as id, 'eins' as name", "insert_only", key)).toMatchObject({ changed: false });
    expect(await put(`${twoRows} where false`, "insert_only", key)).toMatchObject({ changed: false });
    expect(await fixture.project.rows("t")).toEqual([
      { id: 1, name: "one" },
      { id: 2, name: "two" },
      { id: 3, name: "drei" },
    ]);
    expect(fixture.project.versions("t")).toHaveLength(2);
  });

  test("insert_only adds new columns, empty in rows that are there", async () => {
    await put(twoRows, "insert_only", key);
    await put("select * from (values (2, true), (4, false)) v(id, seen)", "insert_only", key);
    expect(await fixture.project.rows("t")).toEqual([
      { id: 1, name: "one", seen: null },
      { id: 2, name: "two", seen: null },
      { id: 4, name: null, seen: false },
    ]);
  });

  test.each([
    ["select null::integer as id, 'x' as name", "have a null in the key `id`, rows: `1`"],
    ["select 1 as id, n as name from (values ('x'), ('y')) v(n)", "repeat the key `id`, keys: `1`"],
  ])("insert_only refuses rows without a clear key: %s", async (sql, message) => {
    await put(twoRows, "insert_only", key);
    const error = await expectFailure(put(sql, "insert_only", key));
    expect(error).toMatchObject({ code: "CHECKS_FAILED", message: `rows of mode \`insert_only\` ${message}` });
    expect(await fixture.project.rows("t")).toHaveLength(2);
  });
}

const dayTypes = ["DATE", "TIMESTAMP", "TIMESTAMPTZ"] as const;

/** One row for each day of January with the hour 13, or midnight for a date. */
function days(type: string, name: string, ...list: number[]): string {
  const rows = list.map((day) => `(${day}, timestamptz '2026-01-${String(day).padStart(2, "0")} 13:00:00+00')`);
  const none = list.length === 0 ? "where false" : "";
  return `select id, cast(moment as ${type}) as "on the day", '${name}' as name
    from (values ${list.length === 0 ? "(0, timestamptz '2026-01-01 00:00:00+00')" : rows.join(", ")}) v(id, moment) ${none}`;
}

function describeDeleteInsert(fixture: Bench): void {
  const { put } = fixture;
  const by = { by: "on the day" };
  const table = async (): Promise<Row[]> => await fixture.project.rows("t", "select id, name from t order by all");

  test.each(dayTypes)("delete_insert replaces the rows of its window by a %s, and no others", async (type) => {
    await put(days(type, "old", 1, 2, 3, 4), "delete_insert", by, { window: january(1, 5) });
    const result = await put(days(type, "new", 2), "delete_insert", by, { window: january(2, 4) });
    expect(result).toMatchObject({ changed: true, rows: 1, dataset: { rowCount: 3 } });
    expect(await table()).toEqual([
      { id: 1, name: "old" },
      { id: 2, name: "new" },
      { id: 4, name: "old" },
    ]);
    const again = await put(days(type, "new", 2), "delete_insert", by, { window: january(2, 4) });
    expect(again).toMatchObject({ changed: false, dataset: { version: 2 } });
  });

  test("delete_insert without a row empties each window in turn", async () => {
    await put(days("DATE", "old", 1, 2, 3), "delete_insert", by, { window: january(1, 5) });
    await put(days("DATE", "none"), "delete_insert", by, { window: january(1) });
    await put(days("DATE", "none"), "delete_insert", by, { window: january(2) });
    expect(await table()).toEqual([{ id: 3, name: "old" }]);
  });

  test("delete_insert refuses rows that its window does not have, and rows without a time", async () => {
    await put(days("TIMESTAMP", "old", 1, 2), "delete_insert", by, { window: january(1, 3) });
    const outside = await expectFailure(
      put(days("TIMESTAMP", "new", 1, 2), "delete_insert", by, { window: january(2) }),
    );
    expect(outside).toMatchObject({ code: "CHECKS_FAILED" });
    expect(outside.message).toBe("rows lie outside of the window of the run by their column `on the day`, rows: `1`");
    const empty = `select id, cast(null as timestamp) as "on the day", name from (${twoRows})`;
    for (const attempt of [{}, { window: january(2) }]) {
      const error = await expectFailure(put(empty, "delete_insert", by, attempt));
      expect(error.message).toBe("rows of mode `delete_insert` have a null in the column `on the day`, rows: `2`");
    }
    expect(await table()).toHaveLength(2);
  });

  test("delete_insert refuses a window that begins within a day of dates, and a column without a time", async () => {
    const window = { from: "2026-01-01T12:00:00.000Z", to: "2026-01-02T00:00:00.000Z" };
    const cut = await expectFailure(put(days("DATE", "new", 1), "delete_insert", by, { window }));
    expect(cut.code).toBe("PARAMS_INVALID");
    const untimed = await expectFailure(put(twoRows, "delete_insert", { by: "name" }, { window }));
    expect(untimed).toMatchObject({ code: "SCHEMA_MISMATCH" });
    expect(untimed.message).toContain("got: `VARCHAR`");
  });

  test("delete_insert without a window replaces the rows whose values come, nulls apart", async () => {
    await put(`select * from (values ('a', 1), ('a', 2), ('b', 3)) v(part, n)`, "delete_insert", { by: "part" });
    await put(`select * from (values ('a', 4), ('c', 5)) v(part, n)`, "delete_insert", { by: "part" });
    await put(`select * from (values ('a', 4)) v(part, n) where false`, "delete_insert", { by: "part" });
    expect(await fixture.project.rows("t")).toEqual([
      { part: "a", n: 4 },
      { part: "b", n: 3 },
      { part: "c", n: 5 },
    ]);
  });

  test("delete_insert adds a column, empty in rows that stay, and keeps one that its rows lack", async () => {
    await put(days("DATE", "old", 1, 2), "delete_insert", by, { window: january(1, 3) });
    const more = `select 2 as id, date '2026-01-02' as "on the day", true as seen`;
    await put(more, "delete_insert", by, { window: january(2) });
    expect(await fixture.project.rows("t", "select id, name, seen from t order by id")).toEqual([
      { id: 1, name: "old", seen: null },
      { id: 2, name: null, seen: true },
    ]);
  });
}

function describeSnapshots(fixture: Bench): void {
  const { put } = fixture;

  test("snapshot keeps the rows of each moment, and those of a moment that comes again once", async () => {
    await put(twoRows, "snapshot", {}, { window: january(1) });
    await put("select 1 as id, 'eins' as name", "snapshot", {}, { window: january(2) });
    await put("select 2 as id, 'zwei' as name", "snapshot", {}, { window: january(1) });
    expect(await fixture.project.rows("t", "select id, name, snapshot_at from t order by all")).toEqual([
      { id: 1, name: "eins", snapshot_at: "2026-01-03T00:00:00Z" },
      { id: 2, name: "zwei", snapshot_at: "2026-01-02T00:00:00Z" },
    ]);
    await put(`${twoRows} where false`, "snapshot", {}, { window: january(2) });
    expect(await fixture.project.rows("t")).toHaveLength(1);
  });

  test("snapshot of a run without a window is that of its day, in a column of the chosen name", async () => {
    const moment: Partial<DatasetOutput> = { moment: "as of" };
    await put(twoRows, "snapshot", moment);
    await put("select 3 as id, 'three' as name", "snapshot", moment);
    expect(await fixture.project.rows("t")).toEqual([{ id: 3, name: "three", "as of": "2026-01-02T00:00:00Z" }]);
  });

  test("snapshot refuses rows that have its column", async () => {
    const error = await expectFailure(put("select 1 as id, 2 as Snapshot_At", "snapshot"));
    expect(error).toMatchObject({ code: "SCHEMA_MISMATCH" });
    expect(error.message).toContain("`Snapshot_At`");
  });
}

interface Death {
  readonly mode: "insert_only" | "delete_insert" | "snapshot" | "scd2";
  readonly more: Partial<DatasetOutput>;
  /** Rows of the table as one text before and after the run that dies. */
  readonly before: string;
  readonly after: string;
}

const deaths: readonly Death[] = [
  { mode: "insert_only", more: { key: ["id"] }, before: "1 old|2 old", after: "1 old|2 old|3 new" },
  { mode: "delete_insert", more: { by: "on the day" }, before: "1 old|2 old", after: "1 old|2 new|3 new" },
  { mode: "snapshot", more: {}, before: "1 old|2 old", after: "1 old|2 new|2 old|3 new" },
  { mode: "scd2", more: { key: ["id"] }, before: "1 old|2 old", after: "1 old|2 new|2 old|3 new" },
];

function describeDeaths(fixture: Bench): void {
  const { put, target } = fixture;
  const { before, after } = target.failpoints;
  const mayHappen = deaths.filter(({ mode }) => mode !== "scd2" || (target.keepsHistory ?? true));
  const list = "select string_agg(id || ' ' || name, '|' order by id, name) as rows from t";

  // what comes earlier is the same for all modes
  describe.each([...before.slice(-2), ...after.slice(0, 1)])("when the process dies at `%s`", (moment) => {
    test.each(mayHappen)("$mode is done whole or not at all, and once", async ({ mode, more, ...rows }) => {
      await put(days("DATE", "old", 1, 2), mode, more, { runId: 1, window: january(1, 3) });
      const dying = (name: string): void => {
        if (name === moment) throw new Error("died");
      };
      const run = { runId: 2, window: january(2, 4) };
      await expectFailure(put(days("DATE", "new", 2, 3), mode, more, { ...run, failpoint: dying }));
      if (before.includes(moment)) expect(await fixture.project.rows("t", list)).toEqual([{ rows: rows.before }]);
      const again = await put(days("DATE", "new", 2, 3), mode, more, { ...run, epoch: 2 });
      expect(await fixture.project.rows("t", list)).toEqual([{ rows: rows.after }]);
      expect(again.dataset.rowCount).toBe(rows.after.split("|").length);
      expect(fixture.project.versions("t")).toHaveLength(2);
    });
  });
}
