// Queries of a run on a scripted server: each is sent once, whatever happens to the process that has sent it.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import type { StreamStep } from "../../../../tests/support/spark/fake-connect-server.ts";
import { type ConnectFixture, openConnect } from "../../../../tests/support/spark/open-connect.ts";
import { completeMessage, planMessage, progressMessage } from "../../../../tests/support/spark/plan-messages.ts";
import type { ScriptedFailure } from "../../../../tests/support/spark/scripted-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { SparkClusterSession } from "./cluster-session.ts";
import { createLocalFolder } from "./local-folder.ts";
import { ResultFolder } from "./result-folder.ts";

const folder = useTemporaryFolder("cluster-session");
const query = {
  sql: "select 1 as one",
  identity: "rows",
  onSent: () => Promise.resolve(),
  onProgress: () => undefined,
};
let fixture: ConnectFixture;
let count = 0;
let prepared = 0;

beforeEach(async () => {
  fixture = await openConnect();
  count += 1;
  prepared = 0;
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

/** As a process has it; the next one has another. */
async function open(): Promise<{ readonly session: SparkClusterSession; readonly results: ResultFolder }> {
  const results = new ResultFolder(createLocalFolder(join(folder(), String(count))), "r1 dataset");
  await results.open(0);
  const { signal } = new AbortController();
  return {
    results,
    session: new SparkClusterSession({ session: fixture.session, results, where: "Spark", tag: "millrace:r1", signal }),
  };
}

const compute = async (): Promise<readonly string[]> =>
  await (await open()).session.compute({ ...query, prepare: async () => void (prepared += 1) });

/** Spark writes the rows, as it is told to. */
const writeRows: StreamStep = {
  call: async () => {
    const write = fixture.server.calls
      .findLast(({ method }) => method === "ExecutePlan")
      ?.fields.message(3)
      ?.message(2)
      ?.message(2);
    const path = write?.text(3) ?? "";
    expect(write?.textMap(9)).toEqual({ compression: "zstd" });
    await mkdir(path);
    await writeFile(join(path, "part-0.zstd.parquet"), "");
    await writeFile(join(path, "_SUCCESS"), "");
  },
};
const done: StreamStep = { send: completeMessage("r2") };
const asked = (): string[] => fixture.server.methods().slice(1);
const allAsked = (): string[] => fixture.server.calls.slice(1).map(({ method }) => method);
const operations = (): (string | undefined)[] =>
  fixture.server.calls
    .filter(({ method }) => method === "ExecutePlan" || method === "ReattachExecute")
    .map(({ method, fields }) => fields.text(method === "ExecutePlan" ? 6 : 3));
const lost: ScriptedFailure = { status: 13, message: "gone", errorClass: "INVALID_HANDLE.OPERATION_NOT_FOUND" };

test("the rows of a query are the files that it has left, and progress is told", async () => {
  const told: unknown[] = [];
  fixture.server.script([{ send: progressMessage("r1", 8, 3) }, writeRows, done]);
  const { session } = await open();
  const files = await session.compute({
    ...query,
    prepare: async () => void (prepared += 1),
    onProgress: (...progress) => told.push(progress),
  });
  expect(files.map((file) => file.replace(/^.*\//, ""))).toEqual(["part-0.zstd.parquet"]);
  expect(told).toEqual([[3, 8]]);
  expect(prepared).toBe(1);
  // the next attempt has them already
  expect(await compute()).toEqual(files);
  expect(asked()).toEqual(["ExecutePlan"]);
});

test("what a process has sent that died is read on by the next, and not sent again", async () => {
  const { results } = await open();
  await results.note(await results.find("rows"), "sent");
  const { folder: path } = await results.find("rows");
  const finish: StreamStep = {
    call: async () => {
      await mkdir(path);
      for (const name of ["part-0.parquet", "_SUCCESS"]) await writeFile(join(path, name), "");
    },
  };
  fixture.server.script([{ send: planMessage("r1") }, finish, done]);
  expect(await compute()).toHaveLength(1);
  expect(asked()).toEqual(["ReattachExecute"]);
  expect(prepared).toBe(0);
});

test("what Spark does not know any more is sent again under another id", async () => {
  const { results } = await open();
  await results.note(await results.find("rows"), "sent");
  fixture.server.script([{ fail: lost }], [writeRows, done]);
  expect(await compute()).toHaveLength(1);
  expect(asked()).toEqual(["ReattachExecute", "ExecutePlan"]);
  expect(new Set(operations()).size).toBe(2);
  expect(prepared).toBe(1);
});

test("a Spark that has started anew is told, and the next attempt sends its query again", async () => {
  fixture.server.script([{ send: planMessage("r1", "before") }, { send: planMessage("r2", "after") }]);
  expect((await expectFailure(compute())).code).toBe("SESSION_LOST");
  const { results } = await open();
  expect((await results.find("rows")).state).toBeUndefined();
});

test("an attempt that a later one has taken over leaves its query and its session alone", async () => {
  const control = new AbortController();
  const results = new ResultFolder(createLocalFolder(join(folder(), String(count))), "r1 dataset");
  await results.claim(1);
  const options = { session: fixture.session, results, where: "Spark", tag: "millrace:r1", signal: control.signal };
  const session = new SparkClusterSession(options);
  const { results: later } = await open();
  const takeOver: StreamStep = {
    call: async () => {
      await later.claim(2);
      control.abort();
    },
  };
  fixture.server.script([{ send: planMessage("r1") }, takeOver, { hang: true }]);
  const failure = await expectFailure(session.compute({ ...query, prepare: () => Promise.resolve() }));
  expect(failure.code).toBe("RUN_LOST");
  await session[Symbol.asyncDispose]();
  expect(allAsked()).toEqual(["ExecutePlan"]);
  expect((await later.find("rows")).state).toBe("sent");
  expect((await expectFailure(results.claim(1))).code).toBe("RUN_LOST");
});

test("an attempt that is stopped interrupts its query, and closes its session", async () => {
  const control = new AbortController();
  const results = new ResultFolder(createLocalFolder(join(folder(), String(count))), "r1 dataset");
  await results.claim(2);
  const options = { session: fixture.session, results, where: "Spark", tag: "millrace:r1", signal: control.signal };
  const session = new SparkClusterSession(options);
  fixture.server.script([{ send: planMessage("r1") }, { call: () => control.abort() }, { hang: true }]);
  await expectFailure(session.compute({ ...query, prepare: () => Promise.resolve() }));
  await session[Symbol.asyncDispose]();
  expect(allAsked()).toEqual(["ExecutePlan", "Interrupt", "ReleaseExecute", "ReleaseSession"]);
});

test("a query that has failed is sent anew by the next attempt", async () => {
  const wrong: ScriptedFailure = {
    status: 13,
    message: "division by zero",
    errorClass: "DIVIDE_BY_ZERO",
    sqlState: "22012",
  };
  fixture.server.script([{ fail: wrong }], [writeRows, done]);
  expect((await expectFailure(compute())).code).toBe("SQL_FAILED");
  expect(await compute()).toHaveLength(1);
  expect(asked().filter((method) => method === "ExecutePlan")).toHaveLength(2);
  expect(new Set(operations()).size).toBe(2);
});

test("a table that Spark does not know is told as an input that is missing", async () => {
  const unknown: ScriptedFailure = {
    status: 13,
    message: "no table",
    errorClass: "TABLE_OR_VIEW_NOT_FOUND",
    sqlState: "42P01",
  };
  fixture.server.script([{ fail: unknown }]);
  expect(await expectFailure(compute())).toMatchObject({
    code: "DATASET_UNKNOWN",
    hint: expect.stringContaining("inputs") as string,
  });
});

test("rows that are not where this machine looks are told with the option that says where", async () => {
  fixture.server.script([done]);
  expect(await expectFailure(compute())).toMatchObject({
    code: "CONFIG_INVALID",
    hint: expect.stringContaining("compute.folder") as string,
  });
});

test("a view has the schema, the files and the root of the partitions", async () => {
  fixture.server.script([done]);
  const { session } = await open();
  await session.defineTable("orders", {
    paths: ["/lake/orders/kind=[a]/1.parquet"],
    columns: [
      { name: "id", type: "BIGINT" },
      { name: "kind", type: "VARCHAR" },
    ],
    partitions: { root: "/lake/orders", by: ["kind"] },
  });
  const view = fixture.server.calls.findLast(({ method }) => method === "ExecutePlan")?.fields;
  const command = view?.message(3)?.message(2)?.message(3);
  expect(command?.text(2)).toBe("orders");
  const source = command?.message(1)?.message(2)?.message(2);
  expect(source?.text(2)).toBe("`id` BIGINT, `kind` STRING");
  expect(source?.texts(4)).toEqual([String.raw`/lake/orders/kind=\[a\]/1.parquet`]);
  expect(source?.textMap(3)).toEqual({ basePath: "/lake/orders" });
});
