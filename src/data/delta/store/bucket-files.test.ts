// A table in a bucket whose service is busy, slow to answer, or made by somebody who knows no conditions.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { publish, type PublishOptions } from "../../../../tests/support/data/delta-publish.ts";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { openConnections } from "../../../../tests/support/files/file-services.ts";
import { S3Server, type Trouble } from "../../../../tests/support/files/s3-server.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { FileCache } from "../../../connections/files/file-cache.ts";
import { lendFileServices } from "../../../connections/files/find-file-service.ts";
import type { Connections } from "../../../connections/registry/connections.ts";
import { deltaHistory, findDeltaSnapshot, openDeltaScan, openDeltaSnapshot } from "../delta-table.ts";
import { deleteDeltaTable } from "../write/delta-deletion.ts";
import { assertDeltaFiles } from "../read/delta-scan.ts";

const folder = useTemporaryFolder("delta-bucket");
const session = useEngineSession();
const table = "connection:lake/tables/t";
const firstCommit = "tables/t/_delta_log/00000000000000000000.json";

let server: S3Server;
let connections: Connections;
beforeEach(async () => {
  server = await S3Server.start();
  lend(server.connection);
});
afterEach(async () => {
  await connections[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function lend(lake: S3Server["connection"], maxBytes = 64_000_000): void {
  const declared = { lake };
  connections = openConnections(declared);
  const cache = new FileCache({ folder: join(folder(), "cache"), maxBytes });
  lendFileServices((name) => connections.files(name), { declared, cache });
}

const put = (sql: string, options: PublishOptions = {}): ReturnType<typeof publish> =>
  publish(session(), table, sql, { staging: join(folder(), "staging"), ...options });

async function ids(version?: number): Promise<number[]> {
  const latest = version ?? (await openDeltaSnapshot(table, { session: session() })).version;
  const spool = join(folder(), `spool-${Math.random()}`);
  await session().defineScan("t", await openDeltaScan(table, { session: session(), version: latest, spool }));
  return (await session().query("select id from t order by id")).map(({ id }) => Number(id));
}

/** Answers the first request of a method to a key so, once. */
function once(method: string, key: RegExp, answer: NonNullable<ReturnType<Trouble>>): Trouble {
  let isOver = false;
  return (request) => {
    if (isOver || request.method !== method || !key.test(request.key)) return undefined;
    isOver = true;
    return answer;
  };
}

test("a commit whose answer is lost is made once", async () => {
  server.trouble = once("PUT", /_delta_log/, { status: 500, code: "InternalError", isDone: true });
  expect(await put("select 1 as id")).toMatchObject({ version: 0, committed: true });
  expect(await deltaHistory(table)).toHaveLength(1);
  expect(await ids()).toEqual([1]);
});

test("a commit of somebody else that took the version meanwhile is not taken for an own one whose answer was lost", async () => {
  await put("select 1 as id");
  const second = "tables/t/_delta_log/00000000000000000001.json";
  let isStolen = false;
  server.trouble = ({ method, key }) => {
    if (method !== "PUT" || key !== second || isStolen) return undefined;
    isStolen = true;
    server.put(second, `{"commitInfo":{"operation":"OPTIMIZE"}}\n`);
    return { status: 500, code: "InternalError" };
  };
  expect(await put("select 2 as id")).toMatchObject({ version: 2, committed: true });
  expect(await ids()).toEqual([1, 2]);
});

test("a commit that never gets an answer fails and may be tried again, and is found then if it was made", async () => {
  let left = 0;
  server.trouble = ({ method, key }) => {
    if (key !== firstCommit || left <= 0) return undefined;
    left -= 1;
    return method === "PUT" ? { status: 503, code: "SlowDown", isDone: true } : { status: 403 };
  };
  left = 6;
  const error = await expectFailure(put("select 1 as id", { runId: "r1", fingerprint: "f" }));
  expect(error).toMatchObject({ code: "SERVICE_UNAVAILABLE", disposition: "retry" });
  left = 0;
  expect(await put("select 1 as id", { runId: "r1", fingerprint: "f" })).toMatchObject({ committedBefore: true });
  expect(await ids()).toEqual([1]);
});

test("a commit beside another one that is under way is tried again", async () => {
  server.trouble = once("PUT", /_delta_log/, { status: 409, code: "ConditionalRequestConflict" });
  expect(await put("select 1 as id")).toMatchObject({ version: 0, committed: true });
});

test("of writers at once each gets a version of its own, and all rows are there once", async () => {
  await put("select 0 as id");
  const writers = Array.from({ length: 4 }, (_, index) => put(`select ${index + 1} as id`));
  const versions = (await Promise.all(writers)).map(({ version }) => version);
  expect(versions.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  expect(await ids()).toEqual([0, 1, 2, 3, 4]);
});

describe("a service that lets two writers overwrite each other", () => {
  test.each([
    ["ignores the condition", undefined],
    ["knows no conditions", 501],
  ])("is refused when it %s, before anything is there", async (_what, status) => {
    server.ignoresConditions = true;
    if (status !== undefined) server.trouble = ({ headers }) => (headers["if-none-match"] ? { status } : undefined);
    const error = await expectFailure(put("select 1 as id"));
    expect(error.code).toBe("DELTA_STORE_UNSAFE");
    expect(error.message).toContain("`s3://lake/tables/t`");
    expect([...server.objects.keys()]).toEqual([]);
  });

  test("is asked once", async () => {
    await put("select 1 as id");
    await put("select 2 as id");
    expect(server.requests.filter(({ method, key }) => method === "PUT" && key.includes("probe"))).toHaveLength(2);
    expect([...server.objects.keys()].filter((key) => key.includes("probe"))).toEqual([]);
  });
});

test.each([
  [403, "AccessDenied", "PERMISSION_DENIED", "right"],
  [404, "NoSuchBucket", "SOURCE_MISSING", "`bucket`"],
  [403, "RequestTimeTooSkewed", "AUTHENTICATION_FAILED", "clock"],
  [403, "SignatureDoesNotMatch", "AUTHENTICATION_FAILED", "keys"],
  [301, "PermanentRedirect", "REQUEST_REJECTED", "set `region` to `eu-west-1`"],
])("status %i with %s says %s, the address and what to do", async (status, code, expected, hint) => {
  server.trouble = () => ({ status, code, headers: { "x-amz-bucket-region": "eu-west-1" } });
  const error = await expectFailure(findDeltaSnapshot(table, { session: session() }));
  expect(error.code).toBe(expected);
  expect(error.message).toContain(`${server.endpoint}/lake`);
  expect(error.hint).toContain(hint);
});

test("an upload that is refused says which key, and leaves no file of the table", async () => {
  server.trouble = ({ method, key }) =>
    method === "PUT" && key.endsWith(".parquet") ? { status: 403, code: "AccessDenied" } : undefined;
  const error = await expectFailure(put("select 1 as id"));
  expect(error.code).toBe("PERMISSION_DENIED");
  expect(error.message).toMatch(/tables\/t\/part-.*\.parquet/);
  expect([...server.objects.keys()]).toEqual([]);
});

test("a checkpoint is read from the bucket, and commits before it are not needed", async () => {
  for (let id = 0; id <= 10; id += 1) await put(`select ${id} as id`);
  expect(server.objects.has("tables/t/_delta_log/00000000000000000010.checkpoint.parquet")).toBe(true);
  expect(JSON.parse(server.text("tables/t/_delta_log/_last_checkpoint") ?? "")).toMatchObject({ version: 10 });
  for (let version = 0; version <= 9; version += 1)
    server.objects.delete(`tables/t/_delta_log/${String(version).padStart(20, "0")}.json`);
  expect(await ids()).toHaveLength(11);
});

describe("files of the table", () => {
  const dataRequests = (): number =>
    server.requests.filter(({ method, key }) => method === "GET" && key.endsWith(".parquet")).length;

  test("are downloaded once, and not at all where they were written", async () => {
    await put("select 1 as id");
    expect(await ids()).toEqual([1]);
    expect(dataRequests()).toBe(0);
    const cache = new FileCache({ folder: join(folder(), "other-cache"), maxBytes: 64_000_000 });
    lendFileServices((name) => connections.files(name), { declared: { lake: server.connection }, cache });
    expect([await ids(), await ids()]).toEqual([[1], [1]]);
    expect(dataRequests()).toBe(1);
  });

  test("that a condition rules out are not downloaded", async () => {
    await put("select 1 as id");
    await put("select 2 as id");
    lendFileServices((name) => connections.files(name));
    const spool = join(folder(), "spool");
    await session().defineScan("t", await openDeltaScan(table, { session: session(), version: 1, spool }));
    expect(await session().query("select id from t where id = 2")).toEqual([{ id: 2 }]);
    expect(dataRequests()).toBe(1);
  });

  test("that are gone are told by their address, without a download", async () => {
    await put("select 1 as id");
    const [data = ""] = [...server.objects.keys()].filter((key) => key.endsWith(".parquet"));
    await assertDeltaFiles(table, { session: session(), version: 0 });
    server.objects.delete(data);
    const error = await expectFailure(assertDeltaFiles(table, { session: session(), version: 0 }));
    expect(error).toMatchObject({ code: "SOURCE_MISSING" });
    expect(error.message).toContain(`s3://lake/${data}`);
    expect(dataRequests()).toBe(0);
  });

  test("of a log that names other places are refused", async () => {
    await put("select 1 as id");
    const commit = server.text(firstCommit) ?? "";
    for (const path of ["file:///etc/passwd", "/etc/passwd", "s3://other/x.parquet"]) {
      server.put(firstCommit, commit.replaceAll(/"path":"[^"]+"/g, `"path":"${path}"`));
      expect(await expectFailure(ids())).toMatchObject({ code: "DELTA_UNSUPPORTED" });
    }
    server.put(firstCommit, commit.replaceAll(/"path":"[^"]+"/g, `"path":"../x.parquet"`));
    expect(await expectFailure(ids())).toMatchObject({ code: "DELTA_CORRUPT" });
  });
});

test("a deletion takes the table alone, and finishes what was interrupted", async () => {
  await put("select 1 as id, 'a' as p", { partitionBy: ["p"] });
  server.put("tables/t/notes.txt", "x");
  server.put("tables/t/inner/_delta_log/00000000000000000000.json", "{}");
  server.put("tables/t/inner/part-0b7c1c7e-4c1f-4a3b-9d6e-1f2a3b4c5d6e.zstd.parquet", "x");
  server.put("tables/t/p=a/part-0b7c1c7e-4c1f-4a3b-9d6e-1f2a3b4c5d6e.zstd.parquet", "left by a crash");
  server.put("tables/t2/rows.parquet", "x");
  let left = 2;
  server.trouble = ({ method }) => {
    if (method === "DELETE") left -= 1;
    return left < 0 ? { status: 403, code: "AccessDenied" } : undefined;
  };
  await expectFailure(deleteDeltaTable(session(), table));
  server.trouble = () => undefined;
  await deleteDeltaTable(session(), table);
  await deleteDeltaTable(session(), table);
  expect([...server.objects.keys()].toSorted()).toEqual([
    "tables/t/inner/_delta_log/00000000000000000000.json",
    "tables/t/inner/part-0b7c1c7e-4c1f-4a3b-9d6e-1f2a3b4c5d6e.zstd.parquet",
    "tables/t/notes.txt",
    "tables/t2/rows.parquet",
  ]);
  expect(await readdir(folder())).not.toContain("tables");
});
