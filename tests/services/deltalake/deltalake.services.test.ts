// Millrace and the `deltalake` package of PyPI read each other's tables: same rows, schema and history.
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import type { Engine, EngineSession } from "../../../src/compute/engine.ts";
import { deltaHistory, deltaRelation, openDeltaScan, openDeltaSnapshot } from "../../../src/data/delta/delta-table.ts";
import { publish, type PublishOptions } from "../../support/data/delta-publish.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { DeltaRs, toPlainRows, ensureDeltaPython } from "./delta-rs.ts";

const folder = useTemporaryFolder("deltalake");
let deltaRs: DeltaRs;
let engine: Engine;
let session: EngineSession;
let table: string;
let count = 0;

beforeAll(async () => {
  deltaRs = new DeltaRs(await ensureDeltaPython());
  engine = createDuckDbEngine();
});
beforeEach(async () => {
  session = await engine.open();
  count += 1;
  table = join(folder(), String(count), "table");
});
afterEach(async () => {
  await session[Symbol.asyncDispose]();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
});

async function ownRows(version?: number): Promise<unknown[]> {
  const snapshot = await openDeltaSnapshot(table, { session, ...(version === undefined ? {} : { version }) });
  return toPlainRows(await session.query(await deltaRelation(session, snapshot)));
}

/** Every version reads the same on both sides, and the histories agree. */
async function expectSameTable(versions: readonly number[]): Promise<void> {
  for (const version of versions) {
    const theirs = await deltaRs.read(table, version);
    expect(toPlainRows(theirs.rows)).toEqual(await ownRows(version));
  }
  const { history } = await deltaRs.read(table);
  const own = await deltaHistory(table);
  expect(history.map(({ version, operation }) => [version, operation])).toEqual(
    own.map(({ version, operation }) => [version, operation]),
  );
}

const rich = (from: number, to: number): string => `select i as id, i::tinyint as small, 9007199254740993 + i as big,
  (i + 0.5)::decimal(18,2) as amount, (-i)::decimal(38,10) as wide, case when i % 2 = 0 then 'nan'::double else i / 3 end as ratio,
  0.1::float as single, 'name ' || i as name, i % 2 = 0 as even, date '2020-02-29' + i::integer as day,
  timestamptz '2020-01-01 00:00:00.123456Z' + to_seconds(i) as at, '\\xAA\\x00'::blob as raw, [i, null] as list,
  [[i::varchar]] as lists, {a: i, b: {c: 'x', "d e": [1.5::decimal(5,1)]}} as struct, map {'k': i, 'l': null} as map,
  [{q: 1}] as structs, repeat('long ', 20) || i as text, null::integer as nothing
  from range(${from}, ${to}) t(i)`;

describe("deltalake reads what Millrace wrote", () => {
  test("every type, appended and replaced", async () => {
    await publish(session, table, rich(0, 3));
    await publish(session, table, rich(3, 5));
    await publish(session, table, rich(1, 2), { mode: "replace" });
    await expectSameTable([0, 1, 2]);
    const { schema, version } = await deltaRs.read(table);
    expect(version).toBe(2);
    expect(schema).toMatchObject({
      id: "long",
      small: "byte",
      amount: "decimal(18,2)",
      wide: "decimal(38,10)",
      ratio: "double",
      single: "float",
      name: "string",
      even: "boolean",
      day: "date",
      at: "timestamp",
      raw: "binary",
      list: { type: "array", elementType: "long", containsNull: true },
      map: { type: "map", keyType: "string", valueType: "long", valueContainsNull: true },
      nothing: "integer",
    });
  });

  test("a timestamp without zone is the same instant in UTC", async () => {
    await publish(session, table, "select 1 as id, timestamp '2020-01-01 12:00:00.000001' as at");
    const { rows, schema } = await deltaRs.read(table);
    expect(rows).toEqual([{ id: 1, at: "2020-01-01T12:00:00.000001Z" }]);
    expect(schema["at"]).toBe("timestamp");
  });

  test("merges, with rows updated, added and left alone", async () => {
    const merge: PublishOptions = { mode: "merge", key: ["id"] };
    await publish(session, table, rich(0, 4), merge);
    await publish(session, table, `select * replace ('changed' as name) from (${rich(2, 6)})`, merge);
    await expectSameTable([0, 1]);
  });

  test("partitions, null and odd values included", async () => {
    const rows = `select i as id, ['a/b=c d%', null, 'plain', 'é[1]*?', 'a:b', '..'][1 + i % 6] as p, date '2020-01-01' + i::integer as day,
      timestamptz '2020-01-01 00:00:00.5Z' + to_seconds(i) as at, i % 2 = 0 as even, (i / 4)::decimal(9,2) as amount from range(12) t(i)`;
    const partitionBy = ["p", "day", "at", "even", "amount"];
    await publish(session, table, rows, { partitionBy });
    await publish(session, table, `select * replace (id + 100 as id) from (${rows})`, { partitionBy });
    await publish(session, table, `select * replace ('plain' as p) from (${rows})`, {
      partitionBy,
      mode: "merge",
      key: ["id"],
    });
    await expectSameTable([0, 1, 2]);
    expect((await deltaRs.read(table)).partitions).toEqual(partitionBy);
    expect(await deltaRs.filter(table, "p", "=", "a/b=c d%")).toHaveLength(2);
  });

  test("more than ten commits, also when only the checkpoint is left of the first", async () => {
    for (let id = 0; id < 13; id += 1) {
      await publish(session, table, `select ${id} as id, ${id % 3} as p, {a: ${id}} as s`, { partitionBy: ["p"] });
    }
    await expectSameTable([0, 9, 10, 12]);
    const log = join(table, "_delta_log");
    for (const name of await readdir(log)) {
      if (/^0+\d\.json$/.test(name)) await rm(join(log, name));
    }
    const { rows } = await deltaRs.read(table);
    expect(rows).toHaveLength(13);
    expect(toPlainRows(rows)).toEqual(await ownRows());
  });

  test("an evolved schema, with nulls in older rows", async () => {
    await publish(session, table, "select 1::bigint as id, 'x' as name");
    await publish(session, table, "select 2::integer as id, {a: 1} as extra");
    await expectSameTable([0, 1]);
    expect(Object.keys((await deltaRs.read(table)).schema)).toEqual(["id", "name", "extra"]);
  });

  test("a table without rows", async () => {
    await publish(session, table, "select 1 as id where false", { mode: "replace" });
    expect(await deltaRs.read(table)).toMatchObject({ version: 0, rows: [], schema: { id: "integer" } });
  });

  test("files are skipped by our statistics only where they have no row", async () => {
    for (let id = 0; id < 5; id += 1) await publish(session, table, rich(id, id + 1));
    for (const [column, value, ids] of [
      ["id", 3, [3]],
      ["name", "name 2", [2]],
      ["text", `${"long ".repeat(20)}4`, [4]],
      ["even", true, [0, 2, 4]],
      ["ratio", 1, [3]],
    ] as const) {
      const found = await deltaRs.filter(table, column, "=", value);
      expect(toPlainRows(found).map((row) => (row as { id: number }).id)).toEqual(ids);
    }
  });
});

describe("Millrace reads what deltalake wrote", () => {
  test.each([
    ["append", 1],
    ["overwrite", 1],
    ["partitioned", 0],
    ["evolved", 1],
  ])("%s", async (scenario, latest) => {
    await deltaRs.write(table, scenario);
    await expectSameTable(Array.from({ length: latest + 1 }, (_, version) => version));
  });

  test("a checkpoint, with and without the commits before it", async () => {
    await deltaRs.write(table, "checkpoint");
    await expectSameTable([0, 6, 7, 8]);
    for (let version = 0; version <= 6; version += 1) {
      await rm(join(table, "_delta_log", `${String(version).padStart(20, "0")}.json`));
    }
    const rows = await ownRows();
    expect(rows.map((row) => (row as { id: number }).id)).toEqual([0, 1, 2, 4, 5, 6, 7]);
    expect(toPlainRows((await deltaRs.read(table)).rows)).toEqual(rows);
  });

  test("both write to one table in turn", async () => {
    await publish(session, table, "select 1::bigint as id, 'from millrace' as name");
    await deltaRs.write(table, "append-to-existing");
    const merge: PublishOptions = { mode: "merge", key: ["id"] };
    await publish(session, table, "select 100 as id, 'merged' as name union all select 2, 'new'", merge);
    for (let id = 3; id <= 12; id += 1) await publish(session, table, `select ${id} as id, 'more' as name`);
    await deltaRs.write(table, "append-to-existing");
    const rows = await ownRows();
    expect(rows).toHaveLength(14);
    await expectSameTable([0, 1, 2, 10, 13]);
    await deltaRs.write(table, "compact-existing");
    expect(await ownRows()).toEqual(rows);
    const repeated = { ...merge, fingerprint: "same" };
    await publish(session, table, "select 1 as id, 'after compaction' as name", repeated);
    expect((await ownRows())[0]).toEqual({ id: 1, name: "after compaction" });
    expect(toPlainRows((await deltaRs.read(table)).rows)).toEqual(await ownRows());
  });

  test("a published version is found again after deltalake has compacted and vacuumed the table", async () => {
    for (const id of [1, 2, 3]) await publish(session, table, `select ${id}::bigint as id, 'from millrace' as name`);
    const before = await ownRows();
    await deltaRs.write(table, "compact-existing");
    const scan = await openDeltaScan(table, { session, version: 2 });
    await session.defineScan("published", scan);
    expect(toPlainRows(await session.query("select * from published"))).toEqual(before);
    await deltaRs.write(table, "append-to-existing");
    expect(toPlainRows(await session.query("select * from published"))).toEqual(before);
    expect(await session.query("select id from published where id > 2")).toEqual([{ id: 3n }]);
    await deltaRs.write(table, "compact-existing");
    const error = await expectFailure(session.query("select * from published"));
    expect(error.message).toContain("was vacuumed since version 2");
  });

  test.each([
    [
      "partitioned",
      ["p = 'plain'", "p like 'a/%'", "p is null", "day = '2020-01-02' and id > 2", "not day > '2020-01-01'"],
    ],
    [
      "checkpoint",
      ["id = 5", "id between 2 and 4", "id > 6 or id < 1", "name = 'n6'", "ratio is null", "struct.a = 7"],
    ],
    ["evolved", ["extra = 'x'", "extra is null", "id <> 1"]],
    [
      "append",
      [
        `"at" < '2020-01-01 01:02:03.1235Z'`,
        `"at" = '2020-01-01 01:02:03.123456Z'`,
        "amount > 1.49",
        "day < '2020-03-01'",
      ],
    ],
  ])("what deltalake says of the files of its table `%s` leaves out no row", async (scenario, filters) => {
    await deltaRs.write(table, scenario);
    const snapshot = await openDeltaSnapshot(table, { session });
    await session.defineScan("scanned", await openDeltaScan(table, { session, version: snapshot.version }));
    for (const filter of filters) {
      const wanted = await session.query(`select * from (${await deltaRelation(session, snapshot)}) where ${filter}`);
      expect(wanted.length).toBeGreaterThan(0);
      expect(toPlainRows(await session.query(`select * from scanned where ${filter}`))).toEqual(toPlainRows(wanted));
    }
  });

  test.each(["wide", "wide-compacted"])("every value of its table `%s` is found, and merged once", async (scenario) => {
    await deltaRs.write(table, scenario);
    const snapshot = await openDeltaSnapshot(table, { session });
    const rows = await ownRows();
    await session.defineScan("scanned", await openDeltaScan(table, { session, version: snapshot.version }));
    const { fields } = snapshot.schema;
    for (const { name } of fields.filter((field) => field.name !== "v")) {
      const values = await session.query(
        `select "${name}"::varchar as v from (${await deltaRelation(session, snapshot)})`,
      );
      for (const { v } of values)
        expect({ name, found: await session.query(`select v from scanned where "${name}" = '${String(v)}'`) }).toEqual({
          name,
          found: [{ v: 0n }],
        });
    }
    for (const [step, key] of ["id", "wide", "money", "big"].entries()) {
      const staged = `select * replace (${step + 1}::bigint as v) from (${await deltaRelation(session, snapshot)})`;
      await publish(session, table, staged, { mode: "merge", key: [key] });
      expect(await ownRows()).toEqual(rows.map((row) => ({ ...(row as object), v: step + 1 })));
      expect(toPlainRows((await deltaRs.read(table)).rows)).toEqual(await ownRows());
    }
  });
});
