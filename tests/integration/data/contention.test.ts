// Several writers and readers want the same thing at once, or a run has lost it meanwhile.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { NamedRequest } from "../../../src/data/publish/named-request.ts";
import { withSqliteFile } from "../../../src/data/targets/sqlite/sqlite-file.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

function append(id: number, more: Partial<NamedRequest["output"]> = {}): NamedRequest {
  return { sql: `select ${id} as id`, output: { dataset: "t", mode: "append", delta: {}, ...more } };
}

test("runs that commit to one Delta table at the same time all get in, each once", async () => {
  await project.publish(append(0));
  await Promise.all([1, 2, 3, 4].map((id) => project.publish(append(id), { runId: 10 + id })));
  await using session = await project.engine.open();
  const files = `read_parquet('${project.path("lake/t")}/*.parquet')`;
  expect(await session.query(`select id from ${files} order by id`)).toEqual([0, 1, 2, 3, 4].map((id) => ({ id })));
});

test.each(["staged", "delta:publishing"])("a run that loses its lease at `%s` publishes nothing", async (moment) => {
  await project.publish(append(0));
  let held = true;
  const failpoint = (name: string): void => {
    if (name === moment) held = false;
  };
  const error = await expectFailure(project.publish(append(1), { failpoint, isHeld: () => held }));
  expect(error).toMatchObject({ code: "RUN_LOST", disposition: "cancel" });
  expect(await project.rows("t")).toEqual([{ id: 0 }]);
  expect(project.versions("t")).toHaveLength(1);
});

test("a run that loses its lease between commit and record does not record; its successor does", async () => {
  await project.publish(append(0));
  let held = true;
  const failpoint = (name: string): void => {
    if (name === "delta:committed") held = false;
  };
  expect(await expectFailure(project.publish(append(1), { runId: 2, failpoint, isHeld: () => held }))).toMatchObject({
    code: "RUN_LOST",
  });
  expect(project.versions("t")).toHaveLength(1);
  expect(await project.publish(append(1), { runId: 2, epoch: 2 })).toMatchObject({
    dataset: { rowCount: 2, version: 2 },
  });
  expect(await project.rows("t")).toEqual([{ id: 0 }, { id: 1 }]);
});

test("a stopped run ends with the reason it was stopped for", async () => {
  const control = new AbortController();
  const failpoint = (name: string): void => {
    if (name === "staged") control.abort();
  };
  const error = await expectFailure(project.publish(append(1), { failpoint, signal: control.signal }));
  expect(error.code).toBe("RUN_STOPPED");
  expect(project.versions("t")).toEqual([]);
});

test("a run waits for another program that writes to its SQLite database, and does not block the thread meanwhile", async () => {
  const output = { dataset: "t", sqlite: { path: "out/t.sqlite" } };
  await project.publish({ sql: "select 1 as id", output });
  using other = new DatabaseSync(project.path("out/t.sqlite"));
  other.exec("begin immediate");
  // the transaction ends in a later turn of the thread that the publication runs on
  const failpoint = (name: string): void => {
    if (name === "sqlite:publishing") setTimeout(() => other.exec("rollback"), 20);
  };
  await project.publish({ sql: "select 2 as id", output }, { failpoint });
  expect(await project.rows("t")).toEqual([{ id: 2 }]);
});

test("an SQLite database that another connection keeps locked is a conflict for later", async () => {
  const path = project.path("t.sqlite");
  using other = new DatabaseSync(path);
  other.exec("create table t (id); begin exclusive");
  const error = await expectFailure(withSqliteFile(path, { readOnly: false, waitMs: 20 }, () => undefined));
  expect(error).toMatchObject({ code: "TARGET_CONFLICT", disposition: "retry" });
  other.exec("rollback");
  await withSqliteFile(path, { readOnly: true, waitMs: 20 }, () => undefined);
});

test("a run that is stopped does not go on waiting for an SQLite database", async () => {
  const path = project.path("t.sqlite");
  using other = new DatabaseSync(path);
  other.exec("create table t (id); begin exclusive");
  const stopped = withSqliteFile(path, { readOnly: false, signal: AbortSignal.abort() }, () => undefined);
  expect(await expectFailure(stopped)).toMatchObject({ code: "RUN_STOPPED" });
});

test("runs of one process write tables of one SQLite file one after the other", async () => {
  const publications = ["a", "b", "c", "d"].map((dataset, index) =>
    project.publish(
      {
        sql: `select i as id from range(${5_000 + index}) r(i)`,
        output: { dataset, sqlite: { path: "out/one.sqlite" } },
      },
      { runId: 10 + index },
    ),
  );
  const versions = (await Promise.all(publications)).map(({ dataset }) => dataset.rowCount);
  expect(versions).toEqual([5_000, 5_001, 5_002, 5_003]);
});

test("an SQLite database that is full is a full disk, and stays as it was", async () => {
  const output = { dataset: "t", sqlite: { path: "out/t.sqlite" } };
  await project.publish({ sql: "select 1 as id, 'x' as text", output });
  const path = project.path("out/t.sqlite");
  const writing = withSqliteFile(path, { readOnly: false }, (database) => {
    database.exec("pragma max_page_count = 4");
    database.exec("insert into t select value, hex(zeroblob(5000)) from json_each('[1,2,3,4,5,6,7,8,9]')");
  });
  expect(await expectFailure(writing)).toMatchObject({ code: "DISK_FULL", disposition: "retry" });
  expect(await project.rows("t")).toEqual([{ id: 1, text: "x" }]);
});

test("a DuckDB file that another process has open is a conflict for later", async () => {
  const output = { dataset: "t", duckdb: { path: "out/t.duckdb" } };
  await project.publish({ sql: "select 1 as id", output });
  const script = fileURLToPath(new URL("../../support/data/hold-duckdb.ts", import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, script, project.path("out/t.duckdb")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const error = await expectFailure(project.publish({ sql: "select 2 as id", output }));
  child.stdin.end();
  await once(child, "close");
  expect(error).toMatchObject({ code: "TARGET_CONFLICT", disposition: "retry" });
  expect(await project.rows("t")).toEqual([{ id: 1 }]);
});

test("one process reads and writes one DuckDB file from several runs at once", async () => {
  const output = { dataset: "t", duckdb: { path: "out/t.duckdb" }, mode: "append" as const };
  await project.publish({ sql: "select 0 as id", output });
  const writes = [1, 2, 3].map((id) => project.publish({ sql: `select ${id} as id`, output }, { runId: 10 + id }));
  const reads = [1, 2].map(() => project.rows("t"));
  for (const rows of await Promise.all(reads)) expect(rows[0]).toEqual({ id: 0 });
  await Promise.all(writes);
  expect(await project.rows("t")).toEqual([{ id: 0 }, { id: 1 }, { id: 2 }, { id: 3 }]);
});
