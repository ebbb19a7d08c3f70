// Lost races, made to happen: another writer commits between the plan of a commit and its put.
import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { publish, type PublishOptions } from "../../../../tests/support/data/delta-publish.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { createDuckDbEngine } from "../../../compute/duckdb/duckdb-engine.ts";
import type { Engine, EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { deltaRelation, openDeltaSnapshot } from "../delta-table.ts";

const folder = useTemporaryFolder("delta-race");
let engine: Engine;
let session: EngineSession;
let rival: EngineSession;
let table: string;

beforeAll(() => {
  engine = createDuckDbEngine({ threads: 2, memoryLimit: "1GB" });
});
beforeEach(async () => {
  session = await engine.open();
  rival = await engine.open();
  table = join(folder(), randomUUID(), "table");
});
afterEach(async () => {
  await session[Symbol.asyncDispose]();
  await rival[Symbol.asyncDispose]();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
});

/** Publishes `sql` while a rival publishes `rivalSql` first, as often as the plan is made again. */
async function race(
  sql: string,
  options: PublishOptions,
  rivalSql: (attempt: number) => string | undefined,
  rivalOptions: PublishOptions = {},
): Promise<{ version: number; rowCount: number }> {
  let attempt = 0;
  return await publish(session, table, sql, {
    ...options,
    onIntent: async () => {
      attempt += 1;
      const first = rivalSql(attempt);
      if (first !== undefined) await publish(rival, table, first, rivalOptions);
    },
  });
}

const once =
  (sql: string) =>
  (attempt: number): string | undefined =>
    attempt === 1 ? sql : undefined;

async function ids(): Promise<unknown[]> {
  const snapshot = await openDeltaSnapshot(table, { session });
  const rows = await session.query(`SELECT * FROM (${await deltaRelation(session, snapshot)}) ORDER BY ALL`);
  return rows.map((row) => Object.values(row).join(" "));
}

async function dataFiles(): Promise<string[]> {
  return (await readdir(table)).filter((name) => name.endsWith(".parquet"));
}

test("two writers that make the same table both have their rows in it", async () => {
  const result = await race("select 1 as id", {}, once("select 2 as id"));
  expect(result).toMatchObject({ version: 1, rowCount: 2 });
  expect(await ids()).toEqual(["1", "2"]);
});

test("a replace that lost removes the rows of the winner too", async () => {
  await publish(session, table, "select 0 as id");
  const result = await race("select 1 as id", { mode: "replace" }, once("select 2 as id"));
  expect(result).toMatchObject({ version: 2, rowCount: 1 });
  expect(await ids()).toEqual(["1"]);
});

test("a merge that lost is planned again on the rows of the winner", async () => {
  await publish(session, table, "select 1 as id, 'first' as v");
  const merge: PublishOptions = { mode: "merge", key: ["id"] };
  const winner = "select 1 as id, 'winner' as v union all select 2, 'winner'";
  await race("select 2 as id, 'loser' as v", merge, once(winner), merge);
  expect(await ids()).toEqual(["1 winner", "2 loser"]);
  const snapshot = await openDeltaSnapshot(table, { session });
  expect(snapshot.version).toBe(2);
});

test("a merge that lost leaves no file of its first plan behind", async () => {
  await publish(session, table, "select 1 as id, 'first' as v");
  const before = await dataFiles();
  const merge: PublishOptions = { mode: "merge", key: ["id"] };
  await race("select 1 as id, 'loser' as v", merge, once("select 1 as id, 'winner' as v"), merge);
  expect(await ids()).toEqual(["1 loser"]);
  expect(await dataFiles()).toHaveLength(before.length + 2);
});

test("two merges that make the same table keep one row for each key", async () => {
  const merge: PublishOptions = { mode: "merge", key: ["id"] };
  await race("select 1 as id, 'loser' as v", merge, once("select 1 as id, 'winner' as v"), merge);
  expect(await ids()).toEqual(["1 loser"]);
});

test("a merge that loses twice still has its rows", async () => {
  const merge: PublishOptions = { mode: "merge", key: ["id"] };
  await race("select 9 as id", merge, (attempt) => (attempt <= 2 ? `select ${attempt} as id` : undefined), merge);
  expect(await ids()).toEqual(["1", "2", "9"]);
});

test("an append that lost to a schema change takes the new types, or is refused", async () => {
  await race("select 1::integer as id", {}, once("select 2::bigint as id, 'x' as name"));
  expect(await ids()).toEqual(["1 ", "2 x"]);
  const before = await dataFiles();
  const refused = race(
    "select 3::bigint as id, 'y' as name",
    { schemaContract: "freeze" },
    once("select 4::bigint as id, 'z' as name, true as extra"),
  );
  expect((await expectFailure(refused)).code).toBe("SCHEMA_MISMATCH");
  expect(await dataFiles()).toHaveLength(before.length + 1);
  expect(await ids()).toEqual(["1  ", "2 x ", "4 z true"]);
});

test("a writer that loses every race gives up with a conflict that may be tried again", async () => {
  const merge: PublishOptions = { mode: "merge", key: ["id"] };
  await publish(session, table, "select 0 as id, 0 as v");
  const work = race("select 0 as id, -1 as v", merge, (attempt) => `select 0 as id, ${attempt} as v`, merge);
  expect(await expectFailure(work)).toMatchObject({ code: "TARGET_CONFLICT", disposition: "retry" });
  expect(await ids()).toEqual(["0 10"]);
  expect(await dataFiles()).toHaveLength(11);
});

test.each([1, 2, 3])("a run that is lost before try %d to commit publishes nothing", async (lostAt) => {
  await publish(session, table, "select 0 as id, 'a' as p", { partitionBy: ["p"] });
  let looks = 0;
  const work = publish(session, table, "select 1 as id, 'b' as p", {
    partitionBy: ["p"],
    assertHeld: async () => {
      looks += 1;
      if (looks === lostAt) throw new MillraceError("RUN_LOST", "the lease was lost");
      // the files of the first try are used again, so that this is the only look of the next one
      await publish(rival, table, `select ${looks + 10} as id, 'c' as p`, { partitionBy: ["p"] });
    },
  });
  expect((await expectFailure(work)).code).toBe("RUN_LOST");
  expect(await ids()).toEqual(["0 a", "11 c", "12 c"].slice(0, lostAt));
  expect(await readdir(join(table, "p=b"))).toEqual([]);
});
