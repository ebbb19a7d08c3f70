import { randomUUID } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { publish, type PublishOptions } from "../../../../tests/support/data/delta-publish.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { relationOf } from "../read/delta-relation.ts";
import { deltaRelation, openDeltaSnapshot } from "../delta-table.ts";

const folder = useTemporaryFolder("delta-merge");
const session = useEngineSession();

/** A table and what must be in it. */
interface Merged {
  readonly path: string;
  readonly rows: Map<number, number>;
}

const layouts: readonly PublishOptions[] = [{}, { partitionBy: ["p"] }];

/** Five appended files, in which the keys lie side by side and all over each other in turn. */
async function start(layout: PublishOptions): Promise<Merged> {
  const path = join(folder(), randomUUID());
  const rows = new Map<number, number>();
  for (let file = 0; file < 5; file += 1) {
    const ids = Array.from({ length: 30 }, (_, index) => (file < 3 ? file * 30 + index : 90 + index * 2 + (file - 3)));
    for (const id of ids) rows.set(id, 0);
    await publish(session(), path, toSql(new Map(ids.map((id) => [id, 0]))), layout);
  }
  return { path, rows };
}

function toSql(rows: ReadonlyMap<number, number>): string {
  const list = [...rows].map(([id, v]) => `(${id}, ${v})`).join(", ");
  return `SELECT id, v, id % 3 AS p FROM (VALUES ${list}) t(id, v)`;
}

/** File → the rows in it. */
async function readFiles(path: string): Promise<Map<string, string[]>> {
  const { metadata, ...snapshot } = await openDeltaSnapshot(path, { session: session() });
  const relation = relationOf({ ...snapshot, partitionColumns: metadata.partitionColumns }, { fileColumn: "file" });
  const rows = await session().query(`SELECT file, list(id || '=' || v) AS held FROM (${relation}) GROUP BY file`);
  return new Map(rows.map(({ file, held }) => [String(file), held as string[]]));
}

const changes = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 160 }), fc.integer({ min: 0, max: 1 })), {
  selector: ([id]) => id,
  minLength: 1,
  maxLength: 120,
  size: "max",
});

test("a merge leaves each key once with its newest value, and files of which no row changes as they are", async () => {
  const tables = [await start(layouts[0]!), await start(layouts[1]!)];
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: layouts.length - 1 }), changes, async (pick, pairs) => {
      const { path, rows } = tables[pick]!;
      const staged = new Map(pairs);
      const before = await readFiles(path);
      const changed = new Set([...staged].filter(([id, v]) => rows.get(id) !== v).map(([id]) => id));
      await publish(session(), path, toSql(staged), { mode: "merge", key: ["id"], ...layouts[pick] });
      for (const [id, v] of staged) rows.set(id, v);
      const after = await readFiles(path);
      const all = [...after.values()].flat().toSorted();
      expect(all).toEqual(Array.from(rows, ([id, v]) => `${id}=${v}`).toSorted());
      for (const [file, held] of before) {
        expect(after.has(file)).toBe(!held.some((row) => changed.has(Number(row.split("=")[0]))));
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

describe("a key that the table holds twice", () => {
  test.each([
    ["both change", 5],
    ["one of them is equal", 1],
    ["the other is in a file that changes for another reason", 2],
  ])("becomes one row when %s", async (_, value) => {
    const path = join(folder(), randomUUID());
    await publish(session(), path, "select 1 as id, 1 as v union all select 3, 0");
    await publish(session(), path, "select 1 as id, 2 as v union all select 4, 0");
    const staged = `select 1 as id, ${value} as v union all select 3, 9`;
    await publish(session(), path, staged, { mode: "merge", key: ["id"] });
    expect([...(await readFiles(path)).values()].flat().toSorted()).toEqual([`1=${value}`, "3=9", "4=0"]);
  });
});

test("columns that the rows lack keep their values, in whichever file the key is", async () => {
  const path = join(folder(), randomUUID());
  for (const id of [1, 2]) await publish(session(), path, `select ${id} as id, 0 as v, 'kept ${id}' as note`);
  await publish(session(), path, "select 2 as id, 7 as v union all select 3, 7", { mode: "merge", key: ["id"] });
  const rows = await session().query(
    `SELECT * FROM (${await deltaRelation(session(), await openDeltaSnapshot(path, { session: session() }))}) ORDER BY id`,
  );
  expect(rows).toEqual([
    { id: 1, v: 0, note: "kept 1" },
    { id: 2, v: 7, note: "kept 2" },
    { id: 3, v: 7, note: null },
  ]);
});

test("more than the few rows that are looked at first may be needed to see a change", async () => {
  const path = join(folder(), randomUUID());
  for (const file of [0, 1, 2])
    await publish(session(), path, `select i as id, 0 as v from range(${file * 500}, ${file * 500 + 500}) t(i)`);
  const staged = "select i as id, (i = 900)::integer as v from range(1500) t(i)";
  const result = await publish(session(), path, staged, { mode: "merge", key: ["id"] });
  expect(result).toMatchObject({ committed: true, addedFiles: 1, removedFiles: 1, rowCount: 1500 });
  const again = await publish(session(), path, staged, { mode: "merge", key: ["id"] });
  expect(again).toMatchObject({ committed: false, rowCount: 1500 });
});
