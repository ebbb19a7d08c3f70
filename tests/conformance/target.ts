// The contract of everything rows can be published to. Every target runs this suite, from the file `conformance.test.ts` in its
// folder, through the whole of publishing.
import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WriteMode } from "../../src/core/dataset/dataset.ts";
import { needsKey } from "../../src/data/modes/row-rule.ts";
import { DataProject } from "../support/data/data-project.ts";
import { expectFailure } from "../support/expect-failure.ts";
import type { Bench, TargetUnderTest } from "./target-bench.ts";
import { describeHistory } from "./target-history.ts";
import { describeRowModes } from "./target-row-modes.ts";
import { describeTypes } from "./target-types.ts";

/** Declares the suite for one target. */
export function describeTargetContract(name: string, target: TargetUnderTest): void {
  describe(`${name} target`, () => {
    let project: DataProject;
    beforeEach(async () => {
      project = await DataProject.create();
    });
    afterEach(() => project[Symbol.asyncDispose]());
    const fixture: Bench = {
      target,
      lacks: target.lacks ?? [],
      get project() {
        return project;
      },
      output: (mode, more = {}) => ({ dataset: "t", mode, ...target.options(mode), ...more }),
      put: (sql, mode, more, attempt) => project.publish({ sql, output: fixture.output(mode, more) }, attempt),
    };
    describeModes(fixture);
    describeNames(fixture);
    describeSchemas(fixture);
    describeFailures(fixture);
    describeTypes(fixture);
    if (target.canMerge) {
      describeMerges(fixture);
      describeRowModes(fixture);
      if (target.keepsHistory ?? true) describeHistory(fixture);
      else describeRefusedModes(fixture, ["scd2"]);
    } else {
      describeRefusedModes(fixture, ["merge", "insert_only", "delete_insert", "snapshot", "scd2"]);
    }
  });
}

const twoRows = "select * from (values (1, 'one'), (2, 'two')) v(id, name)";
const moreRows = "select * from (values (2, 'zwei'), (3, 'drei')) v(id, name)";

function describeModes(fixture: Bench): void {
  const { put } = fixture;

  test("replace leaves the new rows alone", async () => {
    expect(await put(twoRows, "replace")).toMatchObject({
      changed: true,
      rows: 2,
      dataset: { rowCount: 2, version: 1 },
    });
    expect(await put(moreRows, "replace")).toMatchObject({
      changed: true,
      rows: 2,
      dataset: { rowCount: 2, version: 2 },
    });
    expect(await fixture.project.rows("t")).toEqual([
      { id: 2, name: "zwei" },
      { id: 3, name: "drei" },
    ]);
  });

  test("replace with the same rows in another order makes no new version", async () => {
    await put(twoRows, "replace");
    const again = await put(`${twoRows} order by id desc`, "replace");
    expect(again).toMatchObject({ changed: false, rows: 2, dataset: { version: 1 } });
    expect(fixture.project.versions("t")).toHaveLength(1);
  });

  test("replace writes again when somebody has removed the table", async () => {
    const { dataset } = await put(twoRows, "replace");
    for (const location of dataset.locations) {
      await (fixture.target.remove?.(location) ?? rm(location.path, { recursive: true }));
    }
    expect(await put(twoRows, "replace")).toMatchObject({ rows: 2 });
    expect(await fixture.project.rows("t")).toHaveLength(2);
  });

  test("replace by no rows leaves an empty table with its columns", async () => {
    await put(twoRows, "replace");
    expect(await put(`${twoRows} where false`, "replace")).toMatchObject({ changed: true, dataset: { rowCount: 0 } });
    expect(await fixture.project.rows("t")).toEqual([]);
    expect(
      fixture.project
        .versions("t")
        .at(-1)
        ?.schema.map((column) => column.name),
    ).toEqual(["id", "name"]);
  });

  test("append adds the rows of each run once", async () => {
    await put(twoRows, "append");
    const second = await put(twoRows, "append", {}, { runId: 7 });
    expect(second).toMatchObject({ changed: true, rows: 2, dataset: { rowCount: 4, version: 2 } });
    await put(twoRows, "append", {}, { runId: 7, epoch: 2 });
    expect(await fixture.project.rows("t")).toHaveLength(4);
    expect(fixture.project.versions("t")).toHaveLength(2);
  });

  test("values of every common type come back as they were", async () => {
    const sql = `select true as b, 1::tinyint as i8, 2::bigint as i64, 9007199254740993 as big, 1.5::double as f,
      12.34::decimal(10,2) as d, 12345678901234567890.12::decimal(22,2) as wide, 'text ''quoted''' as s,
      date '2001-02-03' as day, timestamp '2001-02-03 04:05:06.5' as at,
      timestamptz '2001-02-03 04:05:06+02' as instant, null::integer as nothing`;
    await put(sql, "replace");
    const [row] = await fixture.project.rows("t");
    expect(row).toMatchObject({
      b: true,
      i8: 1,
      i64: 2n,
      big: 9007199254740993n,
      f: 1.5,
      d: "12.34",
      wide: "12345678901234567890.12",
      s: "text 'quoted'",
      day: "2001-02-03",
      at: "2001-02-03T04:05:06.5",
      instant: "2001-02-03T02:05:06Z",
      nothing: null,
    });
    expect(await put(`${sql} where true`, "replace")).toMatchObject({ changed: false });
  });
}

/** Names that are something else to the language that moves the rows. */
const awkwardNames = ["__proto__", "constructor", "toString", "hasOwnProperty", "__defineGetter__", "c0", "C1"];

function describeNames(fixture: Bench): void {
  test("columns with awkward names are columns like others", async () => {
    const select = (id: number): string =>
      `select ${id} as id, ${awkwardNames.map((name, index) => `'${id + index}' as "${name}"`).join(", ")}`;
    await fixture.put(select(1), "append");
    await fixture.put(select(2), "append");
    const list = awkwardNames.map((name) => `"${name}"`).join(", ");
    expect(await fixture.project.rows("t", `select [${list}] as texts from t order by id`)).toEqual(
      [1, 2].map((id) => ({ texts: awkwardNames.map((_name, index) => String(id + index)) })),
    );
    const [row] = await fixture.project.rows("t", "select * from t where id = 1");
    const names = awkwardNames.map((name) => (fixture.lacks.includes("capitals") ? name.toLowerCase() : name));
    expect(Object.keys(row ?? {})).toEqual(["id", ...names]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
}

function describeSchemas(fixture: Bench): void {
  const { put } = fixture;

  test("evolve adds a new column, empty in the rows that are there", async () => {
    await put(twoRows, "append");
    await put("select 3 as id, 'three' as name, 0.5::double as score", "append");
    expect(await fixture.project.rows("t")).toEqual([
      { id: 1, name: "one", score: null },
      { id: 2, name: "two", score: null },
      { id: 3, name: "three", score: 0.5 },
    ]);
    const change = fixture.project.events.find((event) => event.type === "schema_changed");
    expect(change?.data).toEqual({ dataset: "t", added: [{ name: "score", type: "DOUBLE" }], missing: [] });
  });

  test("a column that the rows lack stays, with a warning", async () => {
    await put(twoRows, "replace");
    const { warnings } = await put("select 3 as id", "replace");
    expect(warnings.join()).toContain("`name`");
    expect(await fixture.project.rows("t")).toEqual([{ id: 3, name: null }]);
  });

  test("a type that does not fit is refused by column, have and want", async () => {
    await put(twoRows, "replace");
    const error = await expectFailure(put("select 'x' as id, 'y' as name", "replace"));
    expect(error).toMatchObject({ code: "SCHEMA_MISMATCH" });
    expect(error.message).toBe("column `id` of dataset `t` is `INTEGER`, got: `VARCHAR`");
    expect(await fixture.project.rows("t")).toHaveLength(2);
  });

  test.each(["replace", "full refresh"])("a %s gives the table the columns and types of its rows", async (how) => {
    await put(twoRows, "replace");
    const other = "select 'x' as id, 0.5::double as score";
    if (how === "replace") await put(other, "replace", { schema: "replace" });
    else await put(other, "replace", {}, { isFullRefresh: true });
    expect(await fixture.project.rows("t")).toEqual([{ id: "x", score: 0.5 }]);
    expect(fixture.project.versions("t").at(-1)?.schema).toEqual([
      { name: "id", type: "VARCHAR" },
      { name: "score", type: "DOUBLE" },
    ]);
    await put("select 'y' as id, 1.5::double as score", "replace");
    expect(await fixture.project.rows("t")).toEqual([{ id: "y", score: 1.5 }]);
  });

  test("a schema is replaced whole or not at all, whenever the process dies, and once", async () => {
    const other = "select 'x' as id, 0.5::double as score";
    for (const [index, moment] of [...fixture.target.failpoints.before, ...fixture.target.failpoints.after].entries()) {
      await put(
        `select * from (${twoRows}) where ${index} >= 0`,
        "replace",
        { schema: "replace" },
        { runId: 10 * index + 1 },
      );
      const failpoint = (name: string): void => {
        if (name === moment) throw new Error("died");
      };
      const attempt = { runId: 10 * index + 2, failpoint };
      await put(other, "replace", { schema: "replace" }, attempt).catch(() => undefined);
      const isAfter = fixture.target.failpoints.after.includes(moment);
      const table = await fixture.project.rows("t");
      // a Delta table is read as of the version that was recorded
      if (!isAfter)
        expect([moment, table]).toEqual([
          moment,
          await fixture.project.rows("t", "select 1 as id, 'one' as name union all select 2, 'two' order by 1"),
        ]);
      await put(other, "replace", { schema: "replace" }, { runId: 10 * index + 2, epoch: 2 });
      expect([moment, await fixture.project.rows("t")]).toEqual([moment, [{ id: "x", score: 0.5 }]]);
    }
  });

  test("no row leaves a replaced table empty, with its columns", async () => {
    await put(twoRows, "replace");
    await put(`select * from (${twoRows}) where false`, "replace");
    expect(await fixture.project.rows("t")).toEqual([]);
    expect(fixture.project.versions("t").at(-1)).toMatchObject({
      rowCount: 0,
      schema: [{ name: "id" }, { name: "name" }],
    });
    await put(moreRows, "replace");
    expect(await fixture.project.rows("t")).toHaveLength(2);
  });

  test("freeze refuses a new column", async () => {
    await put(twoRows, "replace");
    const error = await expectFailure(put("select 1 as id, 'x' as name, 2 as more", "replace", { schema: "freeze" }));
    expect(error.message).toBe("the schema of dataset `t` is frozen, got: a new column `more` of type `INTEGER`");
  });
}

function describeMerges(fixture: Bench): void {
  const { put } = fixture;
  const key = { key: ["id"] };

  test("merge updates by key and inserts the rest", async () => {
    await put(twoRows, "merge", key);
    expect(await put(moreRows, "merge", key)).toMatchObject({ changed: true, rows: 2, dataset: { rowCount: 3 } });
    expect(await fixture.project.rows("t")).toEqual([
      { id: 1, name: "one" },
      { id: 2, name: "zwei" },
      { id: 3, name: "drei" },
    ]);
    expect(await put(moreRows, "merge", key)).toMatchObject({ changed: false });
    const one = "select * from (values (2, 'zwei')) v(id, name)";
    expect(await put(one, "merge", key)).toMatchObject({ changed: false, dataset: { version: 2 } });
  });

  test("merge changes a row whose values were NULL or become NULL", async () => {
    await put("select 1 as id, null::varchar as name union all select 2, 'two'", "merge", key);
    await put("select 1 as id, 'one' as name union all select 2, null", "merge", key);
    expect(await fixture.project.rows("t")).toEqual([
      { id: 1, name: "one" },
      { id: 2, name: null },
    ]);
  });

  test("merge keeps the values of columns that the rows lack", async () => {
    await put(twoRows, "merge", key);
    await put("select 2 as id, true as seen", "merge", key);
    expect(await fixture.project.rows("t")).toEqual([
      { id: 1, name: "one", seen: null },
      { id: 2, name: "two", seen: true },
    ]);
  });

  test.each([
    ["select null::integer as id, 'x' as name", "rows to merge have a null in the key `id`, rows: `1`"],
    ["select 1 as id, n as name from (values ('x'), ('y')) v(n)", "rows to merge repeat the key `id`, keys: `1`"],
  ])("merge refuses rows without a clear key: %s", async (sql, message) => {
    await put(twoRows, "merge", key);
    expect(await expectFailure(put(sql, "merge", key))).toMatchObject({ code: "CHECKS_FAILED", message });
    expect(await fixture.project.rows("t")).toHaveLength(2);
  });
}

function describeRefusedModes({ put }: Bench, modes: readonly WriteMode[]): void {
  test.each(modes)("%s is refused, with the targets that have it", async (mode) => {
    const more = { ...(needsKey(mode) ? { key: ["id"] } : {}), ...(mode === "delete_insert" ? { by: "id" } : {}) };
    const error = await expectFailure(put(twoRows, mode, more));
    expect(error.code).toBe("TARGET_UNSUPPORTED");
    expect(error.message).toContain(`got: mode \`${mode}\``);
    expect(error.hint).toContain("`delta`");
  });
}

function describeFailures(fixture: Bench): void {
  const { put, target } = fixture;

  test.each(target.failpoints.before)("a full disk at `%s` leaves the table as it was", async (failpoint) => {
    await put(twoRows, "append");
    const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    const failing = (name: string): void => {
      if (name === failpoint) throw full;
    };
    const error = await expectFailure(put(moreRows, "append", {}, { runId: 5, failpoint: failing }));
    expect(error).toMatchObject({ code: "DISK_FULL", disposition: "retry" });
    expect(await fixture.project.rows("t")).toHaveLength(2);
    await put(moreRows, "append", {}, { runId: 5, epoch: 2 });
    expect(await fixture.project.rows("t")).toHaveLength(4);
  });

  test.each(target.failpoints.after)(
    "a failure at `%s` does not double the rows of the next attempt",
    async (failpoint) => {
      await put(twoRows, "append");
      const failing = (name: string): void => {
        if (name === failpoint) throw new Error("the process is told to end");
      };
      await expectFailure(put(moreRows, "append", {}, { runId: 5, failpoint: failing }));
      expect(await put(moreRows, "append", {}, { runId: 5, epoch: 2 })).toMatchObject({ dataset: { rowCount: 4 } });
      expect(await fixture.project.rows("t")).toHaveLength(4);
      expect(fixture.project.versions("t").at(-1)).toMatchObject({ runId: 5, rowCount: 4 });
    },
  );

  test("a run that lost its lease does not touch the table", async () => {
    await put(twoRows, "append");
    const error = await expectFailure(put(moreRows, "append", {}, { isHeld: () => false }));
    expect(error.code).toBe("RUN_LOST");
    expect(await fixture.project.rows("t")).toHaveLength(2);
  });
}
