import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { publish } from "../../../../tests/support/data/delta-publish.ts";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { deltaRelation, openDeltaScan, openDeltaSnapshot } from "../delta-table.ts";
import { toFilePath } from "../log/delta-path.ts";
import { type DeltaVacuumInput, type DeltaVacuumResult, vacuumDelta } from "./delta-vacuum.ts";
import { optimizeDelta } from "./delta-optimize.ts";

const folder = useTemporaryFolder("delta-vacuum");
const session = useEngineSession();
const day = 24 * 60 * 60 * 1000;
let table: string;
beforeEach(() => {
  table = join(folder(), randomUUID(), "table");
});

/** @param days how long after now the vacuum is */
async function vacuum(days: number, options: Partial<DeltaVacuumInput> = {}): Promise<DeltaVacuumResult> {
  return await vacuumDelta({
    tablePath: table,
    session: session(),
    force: false,
    dryRun: false,
    versions: [],
    listIntended: () => Promise.resolve(new Set<string>()),
    now: () => Date.now() + days * day,
    assertHeld: () => Promise.resolve(),
    signal: new AbortController().signal,
    ...options,
  });
}

async function count(version?: number): Promise<number> {
  const snapshot = await openDeltaSnapshot(table, {
    session: session(),
    ...(version === undefined ? {} : { version }),
  });
  const [row] = await session().query(`SELECT count(*) AS n FROM (${await deltaRelation(session(), snapshot)})`);
  return Number(row?.["n"]);
}

async function replaced(times: number): Promise<void> {
  for (let id = 1; id <= times; id += 1) {
    await publish(session(), table, `select ${id} as id from range(${id})`, { mode: "replace" });
  }
}

test("files of versions within the retention stay, and later those go that only older versions need", async () => {
  await replaced(3);
  expect(await vacuum(6.9)).toMatchObject({ deletedFiles: 0, retainMs: 7 * day });
  expect(await count(0)).toBe(1);
  expect(await vacuum(7.1)).toMatchObject({ deletedFiles: 2 });
  expect(await count()).toBe(3);
  await expect(count(1)).rejects.toMatchObject({ code: "SOURCE_MISSING" });
  expect(await vacuum(7.1)).toMatchObject({ deletedFiles: 0 });
});

test("a dry run tells what would go, and nothing goes", async () => {
  await replaced(3);
  const { deletedFiles, deletedBytes } = await vacuum(8, { dryRun: true });
  expect(deletedFiles).toBe(2);
  expect(deletedBytes).toBeGreaterThan(100);
  expect(await count(0)).toBe(1);
});

test("a retention below that of the table is refused unless it is forced", async () => {
  await replaced(2);
  const refusal = await expectFailure(vacuum(1, { retainMs: 0 }));
  expect(refusal).toMatchObject({ code: "VALUE_INVALID" });
  expect(refusal.message).toContain("7d");
  expect(await vacuum(1, { retainMs: 0, force: true })).toMatchObject({ deletedFiles: 1, retainMs: 0 });
  expect(await count()).toBe(2);
});

test("a longer retention than the table's keeps what a checkpoint has forgotten", async () => {
  await replaced(12);
  expect(await vacuum(10, { retainMs: 20 * day })).toMatchObject({ deletedFiles: 0 });
  expect(await count(3)).toBe(4);
});

test("what a publication is about to commit stays, and what a dead one left goes once it is old", async () => {
  await replaced(1);
  const [placed, left] = [1, 2].map((n) => join(table, `part-0000${n}-${randomUUID()}.zstd.parquet`)) as [
    string,
    string,
  ];
  const note = join(table, "notes.txt");
  for (const path of [placed, left, note]) await writeFile(path, "x");
  expect(await vacuum(6)).toMatchObject({ deletedFiles: 0 });
  expect(await vacuum(8, { listIntended: () => Promise.resolve(new Set([placed])) })).toMatchObject({
    deletedFiles: 1,
  });
  expect([placed, left, note].map((path) => existsSync(path))).toEqual([true, false, true]);
});

test("a commit that comes while files are listed keeps its files", async () => {
  await replaced(1);
  await vacuum(8, {
    retainMs: 0,
    force: true,
    listIntended: async () => {
      await publish(session(), table, "select 2 as id");
      return new Set();
    },
  });
  expect(await count()).toBe(2);
});

test("folders of other tables, of staged rows and of others are not entered", async () => {
  await replaced(1);
  const places = ["inner", ".millrace-staging.r1", "_hidden"].map((name) => join(table, name, "part-1.parquet"));
  for (const path of places) {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, "x");
  }
  await mkdir(join(table, "inner", "_delta_log"));
  expect(await vacuum(8)).toMatchObject({ deletedFiles: 0 });
  expect(places.every((path) => existsSync(path))).toBe(true);
});

test("vectors of deleted rows and files of changes go with what they belong to", async () => {
  await replaced(2);
  const [vector, change] = [
    join(table, `deletion_vector_${randomUUID()}.bin`),
    join(table, "_change_data", "cdc-1.parquet"),
  ];
  await mkdir(join(change, ".."));
  for (const path of [vector, change]) await writeFile(path, "x");
  expect(await vacuum(8)).toMatchObject({ deletedFiles: 3 });
});

test("a version that a dataset stands for keeps its files whatever the retention", async () => {
  await replaced(3);
  expect(await vacuum(8, { versions: [1] })).toMatchObject({ deletedFiles: 1 });
  expect(await count(1)).toBe(2);
});

test("after an optimization and a vacuum a version reads the files that hold its rows now", async () => {
  for (let id = 0; id < 3; id += 1) await publish(session(), table, `select ${id} as id`);
  const stagingDir = join(table, "..", "staging");
  await mkdir(stagingDir, { recursive: true });
  const nothing = (): Promise<void> => Promise.resolve();
  const wish = { tablePath: table, session: session(), stagingDir, sort: [], targetBytes: 1e8, dryRun: false };
  const signal = new AbortController().signal;
  await optimizeDelta({ ...wish, onIntent: nothing, assertHeld: nothing, signal });
  expect(await vacuum(8, { versions: [2] })).toMatchObject({ deletedFiles: 3 });
  const scan = await openDeltaScan(table, { session: session(), version: 2 });
  expect(await session().query(`SELECT count(*)::integer AS n FROM (${await scan.select(undefined)})`)).toEqual([
    { n: 3 },
  ]);
});

test("log goes that is older than its own retention and that a checkpoint stands for", async () => {
  await replaced(24);
  expect(await vacuum(8)).toMatchObject({ deletedLogFiles: 0 });
  expect(await vacuum(31)).toMatchObject({ deletedLogFiles: 21 });
  const names = (await readdir(join(table, "_delta_log"))).filter((name) => name.endsWith(".json")).toSorted();
  expect(names[0]).toBe(`${"20".padStart(20, "0")}.json`);
  expect(await count()).toBe(24);
  expect(await vacuum(31)).toMatchObject({ deletedFiles: 0, deletedLogFiles: 0 });
});

test("one that is stopped in the middle leaves the table as it reads, and the next one does the rest", async () => {
  await replaced(5);
  const doomed = (await openDeltaSnapshot(table, { session: session(), version: 1 })).files;
  for (const file of doomed) await rm(toFilePath(table, file.path));
  const controller = new AbortController();
  controller.abort(new MillraceError("RUN_STOPPED", "stopped"));
  await expect(vacuum(8, { signal: controller.signal })).rejects.toThrow("stopped");
  expect(await count()).toBe(5);
  expect(await vacuum(8)).toMatchObject({ deletedFiles: 3 });
  expect(await count()).toBe(5);
});

test("the age of a file is that of its rows, however old the table is", async () => {
  await replaced(1);
  const left = join(table, `part-${randomUUID()}.zstd.parquet`);
  await writeFile(left, "x");
  const then = new Date(Date.now() - 8 * day);
  await utimes(left, then, then);
  expect(await vacuum(0)).toMatchObject({ deletedFiles: 1 });
});
