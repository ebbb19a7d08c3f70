// Millrace and Spark read each other's tables: one case for each feature of Delta Lake that Spark writes, and Spark reads what
// Millrace has written into its own tables and into Spark's.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Row } from "../../../src/compute/engine.ts";
import { type DeltaOptimizeResult, optimizeDelta } from "../../../src/data/delta/care/delta-optimize.ts";
import { type DeltaVacuumResult, vacuumDelta } from "../../../src/data/delta/care/delta-vacuum.ts";
import { deltaRelation, openDeltaSnapshot } from "../../../src/data/delta/delta-table.ts";
import { deltaChanges } from "../../../src/data/delta/read/delta-changes.ts";
import { publish, type PublishOptions } from "../../support/data/delta-publish.ts";
import { useEngineSession } from "../../support/data/engine-session.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { toPlainRows } from "../deltalake/delta-rs.ts";
import { type Spark, startSpark } from "./spark.ts";
import { sparkTables } from "./spark-tables.ts";

const folder = useTemporaryFolder("spark");
const session = useEngineSession();
let spark: Spark;
let table: string;
let count = 0;

beforeAll(async () => {
  spark = await startSpark();
});
beforeEach(() => {
  count += 1;
  table = join(folder(), String(count), "table");
});
afterAll(async () => {
  await spark[Symbol.asyncDispose]();
});

async function ownRows(version?: number): Promise<unknown[]> {
  const snapshot = await openDeltaSnapshot(table, {
    session: session(),
    ...(version === undefined ? {} : { version }),
  });
  return toPlainRows(await session().query(await deltaRelation(session(), snapshot)));
}

async function sparkRows(version?: number): Promise<unknown[]> {
  const rows: Row[] = await spark.rows(
    `select * from delta.\`${table}\`${version === undefined ? "" : ` version as of ${version}`}`,
  );
  return toPlainRows(rows);
}

async function write(statements: readonly string[]): Promise<void> {
  await spark.run(...statements.map((statement) => statement.replaceAll(/\bT\b/g, `delta.\`${table}\``)));
}

/** Leaves of the log only the newest checkpoint with the commit that it is of, without which Spark reads no table, and later ones. */
async function removeEarlierCommits(): Promise<void> {
  const log = join(table, "_delta_log");
  const names = await readdir(log);
  const newest =
    names
      .filter((name) => name.includes(".checkpoint."))
      .toSorted()
      .at(-1) ?? "";
  expect(newest).toMatch(/^\d{20}\.checkpoint\./);
  for (const name of names) {
    if (/^\d{20}\.json$/.test(name) && name.slice(0, 20) < newest.slice(0, 20)) await rm(join(log, name));
  }
}

const care = {
  async optimize(wish: { readonly sort: readonly string[] }): Promise<DeltaOptimizeResult> {
    const stagingDir = join(table, "..", "staging");
    await mkdir(stagingDir, { recursive: true });
    const options = {
      stagingDir,
      ...wish,
      targetBytes: 128_000_000,
      dryRun: false,
      signal: new AbortController().signal,
    };
    return await optimizeDelta({ ...options, ...unwatched, tablePath: table, session: session() });
  },
  /** @param days how long after now */
  async vacuum(days = 8): Promise<DeltaVacuumResult> {
    const now = (): number => Date.now() + days * 24 * 60 * 60 * 1000;
    const options = { force: false, dryRun: false, versions: [], now, signal: new AbortController().signal };
    return await vacuumDelta({ ...options, ...unwatched, tablePath: table, session: session() });
  },
};

const unwatched = {
  onIntent: () => Promise.resolve(),
  assertHeld: () => Promise.resolve(),
  listIntended: () => Promise.resolve(new Set<string>()),
};

describe("Millrace reads what Spark wrote", () => {
  test.each(sparkTables)("$name", async ({ statements, earlier, fromCheckpoint }) => {
    await write(statements);
    const theirs = await sparkRows();
    expect(theirs.length).toBeGreaterThan(0);
    if (fromCheckpoint) await removeEarlierCommits();
    expect(await ownRows()).toEqual(theirs);
    if (earlier !== undefined) expect(await ownRows(earlier)).toEqual(await sparkRows(earlier));
  });
});

const rich = (from: number, to: number): string => `select i as id, i::tinyint as small, 9007199254740993 + i as big,
  (i + 0.5)::decimal(18,2) as amount, (-i)::decimal(38,10) as wide, case when i % 2 = 0 then 'nan'::double else i / 3 end as ratio,
  0.1::float as single, 'name ' || i as name, i % 2 = 0 as even, date '2020-02-29' + i::integer as day,
  timestamptz '2020-01-01 00:00:00.123456Z' + to_seconds(i) as at, '\\xAA\\x00'::blob as raw, [i, null] as list,
  {a: i, b: {c: 'x', "d e": [1.5::decimal(5,1)]}} as struct, map {'k': i, 'l': null} as map, null::integer as nothing
  from range(${from}, ${to}) t(i)`;

const merge: PublishOptions = { mode: "merge", key: ["id"] };

describe("Spark reads what Millrace wrote", () => {
  test("rows of every type that were appended, merged and replaced", async () => {
    await publish(session(), table, rich(0, 4));
    await publish(session(), table, `select * replace ('changed' as name) from (${rich(2, 6)})`, merge);
    await publish(session(), table, rich(8, 9), { mode: "replace" });
    for (const version of [0, 1, 2]) expect(await sparkRows(version)).toEqual(await ownRows(version));
  });

  test("partitions, null and odd values included, and the checkpoint of eleven commits", async () => {
    const rows = `select i as id, ['a/b=c d%', null, 'plain', 'é[1]*?', 'a:b', '..'][1 + i % 6] as p, date '2020-01-01' + i::integer as day,
      timestamptz '2020-01-01 00:00:00.5Z' + to_seconds(i) as at, i % 2 = 0 as even, (-i / 4)::decimal(9,2) as amount from range(6) t(i)`;
    const partitionBy = ["p", "day", "at", "even", "amount"];
    for (let turn = 0; turn < 11; turn += 1) {
      await publish(session(), table, `select * replace (id + ${turn * 10} as id) from (${rows})`, { partitionBy });
    }
    const own = await ownRows();
    expect(own).toHaveLength(66);
    expect(await sparkRows()).toEqual(own);
    await removeEarlierCommits();
    await spark.run(`refresh table delta.\`${table}\``);
    expect(await sparkRows()).toEqual(own);
  });

  test("tables of Spark that Millrace has appended to and merged into", async () => {
    await write([
      "create table T (id bigint, name string, amount int) using delta tblproperties ('delta.enableDeletionVectors' = 'false')",
      "insert into T values (1, 'a', 10), (2, 'b', 20), (3, null, 30)",
    ]);
    await publish(session(), table, "select 4::bigint as id, 'd' as name, null::integer as amount");
    await publish(session(), table, "select 2::bigint as id, 'merged' as name, 21 as amount", merge);
    const own = await ownRows();
    expect(own).toHaveLength(4);
    expect(await sparkRows()).toEqual(own);
    await write(["update T set name = 'spark' where id = 4", "insert into T values (5, 'e', 1)"]);
    const after = await ownRows();
    expect(after).toHaveLength(5);
    expect(await sparkRows()).toEqual(after);
  });

  test("tables that Millrace has optimized and vacuumed, its own and those of Spark", async () => {
    await write(["create table T (id bigint, p string) using delta partitioned by (p)"]);
    for (let id = 0; id < 4; id += 1) await write([`insert into T values (${id}, 'a/b'), (${id + 10}, null)`]);
    const before = await sparkRows();
    expect(await care.optimize({ sort: ["id"] })).toMatchObject({ removedFiles: 8, addedFiles: 2 });
    expect(await sparkRows()).toEqual(before);
    expect(await care.vacuum()).toMatchObject({ deletedFiles: 8 });
    expect(await sparkRows()).toEqual(before);
    await write(["delete from T where id = 3", "optimize T"]);
    expect(await sparkRows()).toEqual(await ownRows());
  });

  test("a log that Millrace has cleaned up", async () => {
    for (let id = 0; id < 22; id += 1) await publish(session(), table, `select ${id} as id`);
    expect((await care.vacuum(40)).deletedLogFiles).toBeGreaterThan(19);
    const own = await ownRows();
    expect(own).toHaveLength(22);
    expect(await sparkRows()).toEqual(own);
  });
});

describe("what changed", () => {
  const list = "_commit_version as id, _change_type, * except (_change_type, _commit_version, _commit_timestamp)";

  test("is what Spark tells of a table with a change data feed", async () => {
    await write([
      `create table T (key bigint, name string, p int) using delta partitioned by (p)
        tblproperties ('delta.enableChangeDataFeed' = 'true')`,
      "insert into T values (1, 'a', 0), (2, 'b', 1), (3, null, 1)",
      "update T set name = 'new' where key = 2",
      "delete from T where key = 1",
      "merge into T using (select 3 as key) as s on T.key = s.key when matched then update set p = 2",
    ]);
    const theirs = await spark.rows(`select ${list} from table_changes_by_path('${table}', 0)`);
    expect(theirs.length).toBeGreaterThan(6);
    const snapshot = await openDeltaSnapshot(table, { session: session() });
    const changes = await deltaChanges({ session: session(), snapshot, from: 0 });
    const own = await session().query(`select ${list.replace("except", "exclude")} from (${changes})`);
    expect(toPlainRows(own)).toEqual(toPlainRows(theirs));
  });
});
