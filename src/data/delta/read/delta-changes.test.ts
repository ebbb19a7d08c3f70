import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { publish, type PublishOptions } from "../../../../tests/support/data/delta-publish.ts";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { optimizeDelta } from "../care/delta-optimize.ts";
import { deltaRelation, openDeltaSnapshot } from "../delta-table.ts";
import { toFilePath } from "../log/delta-path.ts";
import { deltaChanges } from "./delta-changes.ts";
import { versionAt } from "./list-changes.ts";

const folder = useTemporaryFolder("delta-changes");
const session = useEngineSession();
let table: string;
beforeEach(() => {
  table = join(folder(), randomUUID(), "table");
});

async function changes(from: number, to?: number): Promise<string> {
  const snapshot = await openDeltaSnapshot(table, { session: session(), ...(to === undefined ? {} : { version: to }) });
  return await deltaChanges({ session: session(), snapshot, from });
}

async function told(from: number, to?: number): Promise<string[]> {
  const found = await session().query(
    `SELECT concat_ws(' ', _commit_version, _change_type, id, name) AS row FROM (${await changes(from, to)}) ORDER BY row`,
  );
  return found.map(({ row }) => String(row));
}

function commitFile(version: number): string {
  return join(table, "_delta_log", `${String(version).padStart(20, "0")}.json`);
}

const merge: PublishOptions = { mode: "merge", key: ["id"] };

test("appends are inserts, a merge tells the rows that differ, and a file that only moved tells nothing", async () => {
  await publish(session(), table, "select i as id, 'old' as name from range(3) t(i)");
  await publish(session(), table, "select 1::bigint as id, 'new' as name union all select 7, 'new'", merge);
  await publish(session(), table, "select 9::bigint as id, 'x' as name");
  expect(await told(0)).toEqual([
    "0 insert 0 old",
    "0 insert 1 old",
    "0 insert 2 old",
    "1 delete 1 old",
    "1 insert 1 new",
    "1 insert 7 new",
    "2 insert 9 x",
  ]);
  expect(await told(1, 1)).toEqual(["1 delete 1 old", "1 insert 1 new", "1 insert 7 new"]);
  expect(await told(3)).toEqual([]);
});

const operation = fc.record({
  kind: fc.constantFrom("append", "merge", "replace", "delete", "optimize"),
  from: fc.nat(8),
  count: fc.integer({ min: 1, max: 5 }),
  value: fc.nat(2),
});

async function apply({
  kind,
  from,
  count,
  value,
}: {
  kind: string;
  from: number;
  count: number;
  value: number;
}): Promise<void> {
  const layout = { partitionBy: ["p"] };
  const rows = `select i as id, ${value} as value, {x: i} as s, i % 2 as p from range(${from}, ${from + count}) t(i)`;
  if (kind === "merge") await publish(session(), table, rows, { ...merge, ...layout });
  else if (kind === "replace") await publish(session(), table, rows, { mode: "replace", ...layout });
  else if (kind === "delete") {
    const covered = { by: "id", ranges: [{ from: String(from), to: String(from + count) }] };
    await publish(session(), table, `${rows} where false`, { mode: "delete_insert", covered, ...layout });
  } else if (kind === "optimize") {
    const stagingDir = join(table, "..", ".staging", randomUUID());
    await mkdir(stagingDir, { recursive: true });
    const nothing = (): Promise<void> => Promise.resolve();
    const wish = { sort: [], targetBytes: 1e8, dryRun: false, signal: new AbortController().signal };
    await optimizeDelta({
      tablePath: table,
      session: session(),
      stagingDir,
      ...wish,
      onIntent: nothing,
      assertHeld: nothing,
    });
  } else await publish(session(), table, rows, layout);
}

test("what a version held and the changes since are what the table holds now, whatever was done to it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 5 }), fc.nat(4), async (operations, before) => {
      table = join(folder(), randomUUID(), "table");
      await apply({ kind: "append", from: 0, count: 6, value: 0 });
      for (const one of operations) await apply(one);
      const last = await openDeltaSnapshot(table, { session: session() });
      const from = Math.min(before, last.version);
      const first = await openDeltaSnapshot(table, { session: session(), version: from });
      const since = await deltaChanges({ session: session(), snapshot: last, from: from + 1 });
      const of = (type: string): string => `SELECT id, value, s, p FROM (${since}) WHERE _change_type = '${type}'`;
      const then = `SELECT * FROM (${await deltaRelation(session(), first)}) UNION ALL ${of("insert")}`;
      const now = `SELECT * FROM (${await deltaRelation(session(), last)}) UNION ALL ${of("delete")}`;
      const differing = `((${then}) EXCEPT ALL (${now})) UNION ALL ((${now}) EXCEPT ALL (${then}))`;
      expect(await session().query(differing)).toEqual([]);
    }),
    { numRuns: 15 },
  );
});

test("rows that the writer has kept are told as it wrote them, and its other files do not count", async () => {
  await publish(session(), table, "select 1 as id, 'a' as name, 'x' as p", { partitionBy: ["p"] });
  await publish(session(), table, "select 1 as id, 'b' as name, 'x' as p", { ...merge, partitionBy: ["p"] });
  await mkdir(join(table, "_change_data"));
  const rows =
    "select 1 as id, 'a' as name, 'update_preimage' as _change_type union all select 1, 'b', 'update_postimage'";
  await session().writeParquet(rows, { path: join(table, "_change_data", "cdc-1.parquet") });
  const cdc = { path: "_change_data/cdc-1.parquet", partitionValues: { p: "x" }, size: 1, dataChange: false };
  const lines = (await readFile(commitFile(1), "utf8"))
    .split("\n")
    .filter((line) => line !== "" && !line.includes("commitInfo"));
  const info = { commitInfo: { timestamp: 5 } };
  await writeFile(commitFile(1), [...lines, JSON.stringify({ cdc }), JSON.stringify(info)].join("\n"));
  const found = await session().query(`SELECT * FROM (${await changes(1)}) ORDER BY _change_type`);
  const stamp = { p: "x", _commit_version: 1n, _commit_timestamp: "1970-01-01T00:00:00.005Z" };
  expect(found).toEqual([
    { id: 1, name: "b", _change_type: "update_postimage", ...stamp },
    { id: 1, name: "a", _change_type: "update_preimage", ...stamp },
  ]);
});

test("a removal that says nothing of its partition takes it from the version before", async () => {
  await publish(session(), table, "select 1 as id, 'a' as name, 'x' as p", { partitionBy: ["p"] });
  await publish(session(), table, "select 2 as id, 'b' as name, 'y' as p", { mode: "replace", partitionBy: ["p"] });
  const text = await readFile(commitFile(1), "utf8");
  await writeFile(commitFile(1), text.replace(/("remove":\{[^\n]*?)"partitionValues":\{"p":"x"\},/, "$1"));
  expect(await session().query(`SELECT id, p FROM (${await changes(1)}) WHERE _change_type = 'delete'`)).toEqual([
    { id: 1, p: "x" },
  ]);
});

test("columns that came later are null in the changes before", async () => {
  await publish(session(), table, "select 1 as id");
  await publish(session(), table, "select 2 as id, 'b' as name");
  expect(await told(0)).toEqual(["0 insert 1", "1 insert 2 b"]);
});

test("changes whose log or files are gone are refused by the version, and never left out", async () => {
  for (let id = 0; id < 12; id += 1)
    await publish(session(), table, `select ${id} as id, 'a' as name`, { mode: "replace" });
  const snapshot = await openDeltaSnapshot(table, { session: session(), version: 4 });
  await rm(toFilePath(table, snapshot.files[0]?.path ?? ""));
  const vacuumed = await expectFailure(told(3));
  expect(vacuumed).toMatchObject({ code: "SOURCE_MISSING", hint: expect.stringContaining("millrace state rewind") });
  expect(vacuumed.message).toContain("the changes of version 4");
  for (let version = 0; version < 8; version += 1) await rm(commitFile(version));
  const cleaned = await expectFailure(told(7));
  expect(cleaned.message).toContain("the changes of version 7");
  expect(cleaned.message).toContain("its log begins at version 8");
  expect(await told(9)).toHaveLength(6);
  expect((await expectFailure(versionAt(table, 0))).message).toContain("the changes of version 7");
  expect(await versionAt(table, Date.now() + 60_000)).toBe(12);
});

test("a table that has a column of the name of ours is refused", async () => {
  await publish(session(), table, "select 1 as id, 'x' as _change_type");
  expect(await expectFailure(changes(0))).toMatchObject({ code: "VALUE_INVALID" });
});
