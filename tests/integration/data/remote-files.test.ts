// Files that lie elsewhere as a source: found, fetched into the staging folder, and read as files of this machine are.
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FileSource } from "../../../src/data/sources/file/options.ts";
import { integrationJob, type IntegrationJobDefinition } from "../../../src/data/jobs/integration-job.ts";
import type { Job } from "../../../src/core/job/job.ts";
import { createTestProject, type TestProject, type TestRun, type TestRunOptions } from "../../../src/testing.ts";
import { startHdfs } from "../../support/files/hdfs-server.ts";
import { S3Server } from "../../support/files/s3-server.ts";
import { SftpServer } from "../../support/files/sftp-server.ts";
import { expectThrown } from "../../support/expect-thrown.ts";
import { closeAfterEach } from "../../support/http/close-after-each.ts";

const closeLater = closeAfterEach();
let project: TestProject;
let server: S3Server;
let drop: SftpServer;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-remote-"));
  server = await S3Server.start();
  drop = await SftpServer.start(folder);
  project = await createTestProject({ connections: { lake: server.connection, drop: drop.connection } });
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await drop[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function define(file: FileSource, more: Partial<IntegrationJobDefinition> = {}): Job {
  return integrationJob({
    name: "sales",
    source: { file },
    output: { dataset: "sales" },
    ...more,
  });
}

async function run(job: Job, options: TestRunOptions = {}): Promise<TestRun> {
  return await project.run(job, { onFailure: "return", ...options });
}

async function ids(result: TestRun): Promise<unknown[]> {
  expect(result.error).toBeUndefined();
  return (await project.query("select id from sales order by id", ["sales"])).map(({ id }) => Number(id));
}

async function deliver(path: string, text: string, modifiedAt = new Date(2026, 0, 1)): Promise<void> {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), text);
  await utimes(join(folder, path), modifiedAt, modifiedAt);
}

test("objects of a pattern are read as files are, whatever they are called and packed with", async () => {
  server.put("in/a+b 100%.csv", "id,name\n1,one\n");
  server.put("in/ü.csv", "id,name\n2,two\n");
  server.put("in/c.csv.gz", gzipSync("id,name\n3,three\n"));
  server.put("in/d.csv", gzipSync("id,name\n4,four\n"), { "content-encoding": "gzip" });
  server.put("in/.e.csv", "id,name\n5,five\n");
  server.put("other/f.csv", "id,name\n6,six\n");
  server.pageSize = 2;
  expect(await ids(await run(define({ connection: "lake", path: "in/*.csv*" })))).toEqual([1, 2, 3, 4]);
});

test("files of an SSH server and of HDFS are read the same way", async () => {
  await deliver("in/a.csv", "id\n1\n");
  await deliver("in/b.csv", "id\n2\n");
  expect(await ids(await run(define({ connection: "drop", path: "/in/*.csv" })))).toEqual([1, 2]);
  const hdfs = closeLater(await startHdfs());
  hdfs.files.set("/in/c.csv", "id\n3\n");
  const webhdfs = { url: hdfs.nameNode, dataNodes: [hdfs.dataNode] };
  await using other = await createTestProject({ connections: { cluster: { webhdfs } } });
  const { output } = await other.run(define({ connection: "cluster", path: "/in/*.csv" }));
  expect(output["sales"]).toEqual([{ id: 3n }]);
});

test("a broken file is named as it is called there", async () => {
  server.put("in/a.csv", "id,name\n1,one\n2\n");
  const { error } = await run(define({ connection: "lake", path: "in/a.csv" }));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE" });
  expect(error?.message).toContain("s3://lake/in/a.csv");
});

test.each([
  ["lake", "in/*.csv", "no file matches `in/*.csv` in `s3://lake/`"],
  ["lake", "in/a.csv", "there is no file `in/a.csv` in `s3://lake/`"],
  ["drop", "/in/*.csv", "no file matches `/in/*.csv` in `sftp://reader@127.0.0.1"],
])("nothing that matches on `%s` is an error and no empty dataset: %s", async (connection, path, message) => {
  const { error } = await run(define({ connection, path }));
  expect(error).toMatchObject({ code: "SOURCE_MISSING", message: expect.stringContaining(message) as string });
});

test("an empty object is an empty delivery", async () => {
  server.put("in/a.csv", "");
  expect((await run(define({ connection: "lake", path: "in/a.csv" }))).error).toMatchObject({ code: "SOURCE_EMPTY" });
});

test("a packed object that ends too early is refused", async () => {
  server.put("in/a.csv.gz", gzipSync("id\n1\n2\n3\n").subarray(0, -6));
  const { error } = await run(define({ connection: "lake", path: "in/a.csv.gz" }));
  expect(error).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: expect.stringContaining("s3://lake/in/a.csv.gz") as string,
  });
});

test("a regular expression looks at the whole path", async () => {
  server.put("in/1.csv", "id\n1\n");
  server.put("in/x.csv", "id\n2\n");
  const file = { connection: "lake", path: "in/*.csv" };
  expect(await ids(await run(define({ ...file, pattern: String.raw`in/\d+\.csv` })))).toEqual([1]);
  expect((await run(define({ ...file, pattern: "nothing" }))).error).toMatchObject({ code: "SOURCE_MISSING" });
  expectThrown(() => define({ ...file, pattern: "(" }), "JOB_INVALID");
});

test("files that were just written to are left for later, and none at all is waited for", async () => {
  await deliver("in/old.csv", "id\n1\n");
  await deliver("in/new.csv", "id\n2\n", new Date(Date.now() + 60_000));
  const file = { connection: "drop", path: "/in/*.csv", settled: "30s" } as const;
  expect(await ids(await run(define(file)))).toEqual([1]);
  // the run is tried again when the file has been left alone for long enough
  const later = await run(define({ ...file, path: "/in/new.csv" }));
  expect(await ids(later)).toEqual([2]);
  expect(later.attempts.length).toBeGreaterThan(1);
  expect(later.attempts[0]?.error).toContain("no file has been left alone for 30s yet");
});

test("a listing has a row for each file and reads none", async () => {
  await deliver("in/a.csv", "id\n1\n");
  server.put("in/b.csv", "id\n2\n");
  await run(define({ connection: "drop", path: "/in/*.csv", list: true }));
  expect(await project.query("select path, size, modified::varchar as at, etag from sales", ["sales"])).toEqual([
    {
      path: "/in/a.csv",
      size: 5n,
      at: expect.stringMatching(/^202[56]-/) as string,
      etag: expect.stringMatching(/^5:\d+$/) as string,
    },
  ]);
  expect(drop.requests.some((line) => line.startsWith("READ "))).toBe(false);
});

test("each row of a listing is a unit; those whose file is gone fail alone", async () => {
  for (const id of [1, 2, 3]) server.put(`in/${id}.csv`, `id\n${id}\n`);
  const job = define(
    { connection: "lake", path: "{{files.path}}" },
    {
      inputs: { files: { dataset: "files", role: "activation", key: "path" } },
      output: { dataset: "sales", mode: "append" },
    },
  );
  const rows = ["in/1.csv", "in/3.csv", "in/gone.csv"].map((path) => ({ path }));
  const result = await run(job, { inputs: { files: rows } });
  expect(result.reason).toBe("partial");
  expect(await ids(result)).toEqual([1, 3]);
});

test("files of a listing are read once over runs that are capped, and again when they have changed", async () => {
  const listing = integrationJob({
    name: "listing",
    source: { file: { connection: "lake", path: "in/*.csv", list: true } },
    output: { dataset: "files" },
  });
  const job = define(
    { connection: "lake", path: "{{files.path}}" },
    {
      inputs: { files: { dataset: "files", role: "activation", key: "path", changedOnly: { field: "etag" } } },
      maxUnitsPerRun: 3,
      output: { dataset: "sales", mode: "append" },
    },
  );
  for (let id = 1; id <= 7; id += 1) server.put(`in/${id}.csv`, `id\n${id}\n`);
  await run(listing);
  for (let count = 0; count < 4; count += 1) await run(job);
  expect(await ids(await run(job))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  server.put("in/3.csv", "id\n33\n");
  await run(listing);
  expect(await ids(await run(job))).toEqual([1, 2, 3, 4, 5, 6, 7, 33]);
});

test("a variable names no other place than is meant", async () => {
  const job = define({ connection: "lake", path: "in/{{params.day}}/*.csv" });
  for (const day of ["..", "a/../../b", ""]) {
    const { error } = await run(job, { params: { day } });
    expect([day, error?.code]).toEqual([day, "VARIABLE_UNRESOLVED"]);
  }
  expect(server.requests).toEqual([]);
});

test("files of this machine take variables, too", async () => {
  const path = join(folder, "in/{{params.day}}.csv");
  await deliver("in/monday.csv", "id\n1\n");
  expect(await ids(await run(define({ path }), { params: { day: "monday" } }))).toEqual([1]);
});

test("a connection of another kind, or of none, is refused by name", async () => {
  const { error } = await run(define({ connection: "nowhere", path: "in/*.csv" }));
  expect(error).toMatchObject({ code: "CONNECTION_UNKNOWN" });
});

test("a run that stops while files are fetched ends at once", async () => {
  server.put("in/a.csv", Buffer.alloc(1_000_000));
  const stop = new AbortController();
  server.trouble = ({ method }) => {
    if (method === "GET") stop.abort();
    return undefined;
  };
  const job = define({ connection: "lake", path: "in/a.csv" });
  await expect(project.run(job, { signal: stop.signal })).rejects.toThrow(/abort/i);
});
