import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import { schemaVersion } from "../migrations/migrations.ts";
import type { WorkerId } from "../rows/run-records.ts";
import { createSqliteStore } from "./sqlite-store.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-store-"));
  path = join(folder, "store.db");
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("the store file and its folders are made when they are missing", async () => {
  const deep = join(folder, "a", "b", "store.db");
  await using store = await createSqliteStore({ path: deep });
  expect(await store.verify()).toEqual([]);
});

test("opening again keeps what is there and applies no migration twice", async () => {
  await withStore(path, async (store) => await store.submit(oneRun));
  await withStore(path, async (store) => expect(await store.listRuns({ limit: 9 })).toHaveLength(1));
  const versions = withDatabase(path, (database) => database.prepare("select version from migration").all());
  expect(versions.map(({ version }) => version)).toEqual(
    Array.from({ length: schemaVersion }, (_, index) => index + 1),
  );
});

test("a store that a newer program wrote is refused with the way out", async () => {
  await withStore(path, async () => undefined);
  withDatabase(path, (database) => database.exec(`pragma user_version = ${schemaVersion + 1}`));
  const error = await errorOf(createSqliteStore({ path }));
  expect(error).toMatchObject({ code: "STORE_VERSION", disposition: "fail" });
  expect(error.message).toContain(`\`${schemaVersion + 1}\``);
  expect(error.hint).toContain(path);
});

test("a file that is no database is refused and stays as it is", async () => {
  await writeFile(path, "these are my notes, not a database\n".repeat(200));
  const error = await errorOf(createSqliteStore({ path }));
  expect(error).toMatchObject({ code: "STORE_CORRUPT" });
  expect(error.message).toContain(path);
});

test("a database of another program is refused and gets no tables", async () => {
  withDatabase(path, (database) => database.exec("create table invoice (id integer)"));
  expect(await errorOf(createSqliteStore({ path }))).toMatchObject({ code: "STORE_CORRUPT" });
  const tables = withDatabase(path, (database) => database.prepare("select name from sqlite_schema").all());
  expect(tables.map(({ name }) => name)).toEqual(["invoice"]);
});

test("a store file that was cut off is reported as corrupt", async () => {
  await withStore(path, async (store) => await store.submit(oneRun));
  await truncate(path, 8_192);
  const work = withStore(path, async (store) => await store.listRuns({ limit: 9 }));
  expect(await errorOf(work)).toMatchObject({ code: "STORE_CORRUPT" });
});

test("a path that cannot be opened is named", async () => {
  await mkdir(path);
  const isFolder = await errorOf(createSqliteStore({ path }));
  expect(isFolder).toMatchObject({ code: "STORE_UNAVAILABLE", disposition: "retry" });
  expect(isFolder.message).toContain(path);
  await writeFile(join(folder, "file"), "");
  const belowFile = await errorOf(createSqliteStore({ path: join(folder, "file", "store.db") }));
  expect(belowFile).toMatchObject({ code: "STORE_UNAVAILABLE" });
});

test("a writer waits for the lock and says who holds it up; readers and idle polls do not wait", async () => {
  await using store = await createSqliteStore({ path, busyTimeoutMs: 50 });
  const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
  const workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process });
  const rival = new DatabaseSync(path);
  rival.exec("begin immediate");
  const busy = await errorOf(store.submit(oneRun));
  expect(busy).toMatchObject({ code: "STORE_UNAVAILABLE", disposition: "retry" });
  expect(await store.listRuns({ limit: 9 })).toEqual([]);
  expect(await store.claim({ workerId, limit: 1 })).toEqual([]);
  expect(await store.promote(10)).toBe(0);
  expect(await store.reap({ limit: 10, deadWorkerIds: [], maxLosses: 3 })).toEqual([]);
  rival.exec("rollback");
  rival.close();
  expect((await store.submit(oneRun)).created).toBe(true);
});

test("an operation that fails in the middle leaves nothing behind", async () => {
  await using store = await createSqliteStore({ path });
  withDatabase(path, (database) =>
    database.exec("create trigger broken before insert on edge begin select raise(abort, 'planted'); end"),
  );
  const runs = [...oneRun.runs, ...oneRun.runs];
  const error = await errorOf(store.submit({ runs, edges: [{ parent: 0, child: 1, onUpstreamFailure: "skip" }] }));
  expect(error).toMatchObject({ code: "INTERNAL", message: "store failed: planted" });
  expect(await store.listRuns({ limit: 9 })).toEqual([]);
  expect((await store.submit(oneRun)).rootRunId).toBe(1);
});

test("a store that was closed refuses work as unavailable, and closing twice is harmless", async () => {
  const store = await createSqliteStore({ path });
  await store[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  expect(await errorOf(store.submit(oneRun))).toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(await errorOf(store.claim({ workerId: 1 as WorkerId, limit: 1 }))).toMatchObject({
    code: "STORE_UNAVAILABLE",
  });
});

const oneRun = { runs: [{ job: "job", kind: "job" as const, params: {}, tenant: "t", createdBy: "test" }], edges: [] };

async function withStore(
  file: string,
  work: (store: Awaited<ReturnType<typeof createSqliteStore>>) => Promise<unknown>,
): Promise<void> {
  await using store = await createSqliteStore({ path: file });
  await work(store);
}

function withDatabase<T>(file: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

async function errorOf(promise: Promise<unknown>): Promise<MillraceError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof MillraceError) return thrown;
  throw new Error(`expected a MillraceError, got ${String(thrown)}`);
}
