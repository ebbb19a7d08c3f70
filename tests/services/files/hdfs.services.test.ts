// Files in a real HDFS: what is written there is what Hadoop has, and what it refuses has a name here.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { FileService } from "../../../src/connections/files/file-service.ts";
import { lendFileServices } from "../../../src/connections/files/find-file-service.ts";
import { parsePattern } from "../../../src/connections/files/path-pattern.ts";
import type { Connections } from "../../../src/connections/registry/connections.ts";
import { hasHdfsChecksum } from "../../../src/connections/webhdfs/hdfs-checksum.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { openConnections } from "../../support/files/file-services.ts";
import { type Hadoop, startHadoop } from "./hadoop.ts";

/** Whoever starts the cluster may do everything there. */
const owner = userInfo().username;

let hadoop: Hadoop;
let connections: Connections;
let folder: string;
let hdfs: FileService;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-hdfs-"));
  hadoop = await startHadoop();
  await hadoop.curl(owner, "PUT", "/", "op=SETPERMISSION&permission=777");
  await hadoop.curl("other", "PUT", "/closed", "op=MKDIRS&permission=700");
}, 300_000);

beforeEach(async () => {
  const { connection } = hadoop;
  connections = openConnections({
    cluster: { webhdfs: { ...connection, user: "etl" } },
    lost: { webhdfs: { url: connection.url, dataNodes: [], user: "etl" } },
  });
  lendFileServices((name) => connections.files(name));
  hdfs = await connections.files("cluster");
});

afterEach(() => connections[Symbol.asyncDispose]());

afterAll(async () => {
  await hadoop[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** More than two blocks, the last of which ends within a chunk. */
const large = randomBytes(2 * 1024 ** 2 + 700);

async function local(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

async function names(path: string): Promise<string[]> {
  const answer = await hadoop.curl("etl", "GET", path, "op=LISTSTATUS");
  return [...answer.matchAll(/"pathSuffix":"([^"]*)"/g)].map(([, name = ""]) => name);
}

test.each([
  ["large.bin", large],
  ["empty.bin", Buffer.alloc(0)],
  ["ü +%?&#.bin", Buffer.from("1")],
])("Hadoop gives back what was written as `%s`, and it is found by patterns", async (name, content) => {
  const path = `/out/some/folder/${name}`;
  const made = await hdfs.upload(await local("up.bin", content), path, { owner: "r1-a" });
  expect(made).toMatchObject({ path, size: content.length });
  const [found] = await Array.fromAsync(hdfs.list(parsePattern(`/out/**/${name.replace(/[?&#]/g, "?")}`), {}));
  expect(found).toEqual(made);
  const copy = join(folder, "down.bin");
  await rm(copy, { force: true });
  await hdfs.download(found!, copy, {});
  expect((await readFile(copy)).equals(content)).toBe(true);
  expect((await names("/out/some/folder")).some((other) => other.startsWith("."))).toBe(false);
});

test("the checksum that is made of bytes is the one that Hadoop has made of them", async () => {
  await hdfs.upload(await local("up.bin", large), "/sum/large.bin", { owner: "r1-a" });
  const answer = await hadoop.curl("etl", "GET", "/sum/large.bin", "op=GETFILECHECKSUM");
  const { FileChecksum } = JSON.parse(answer) as { FileChecksum: { algorithm: string; bytes: string } };
  expect(await hasHdfsChecksum(join(folder, "up.bin"), FileChecksum, 1024 ** 2)).toBe(true);
  const other = Buffer.from(large);
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
  expect(await hasHdfsChecksum(await local("other.bin", other), FileChecksum, 1024 ** 2)).toBe(false);
});

test("a file is replaced in one step, or left where it must not be", async () => {
  await hdfs.upload(await local("a", "one"), "/swap/a", { owner: "r1-a" });
  let before: string | undefined;
  const onReady = async (): Promise<void> => void (before = await hadoop.curl("etl", "GET", "/swap/a", "op=OPEN"));
  await hdfs.upload(await local("b", "two"), "/swap/a", { owner: "r2-a", onReady });
  expect([before, await hadoop.curl("etl", "GET", "/swap/a", "op=OPEN")]).toEqual(["one", "two"]);
  const upload = { owner: "r3-a", over: "absent" } as const;
  expect(await expectFailure(hdfs.upload(join(folder, "a"), "/swap/a", upload))).toMatchObject({
    code: "TARGET_CONFLICT",
  });
  await hdfs.upload(join(folder, "a"), "/swap/c", upload);
  expect(await names("/swap")).toEqual(["a", "c"]);
  const refused = await expectFailure(hdfs.upload(join(folder, "a"), "/swap", { owner: "r4-a" }));
  expect(refused).toMatchObject({ code: "TARGET_UNREADABLE", disposition: "fail" });
});

test("what Hadoop refuses has a name here, and leaves nothing", async () => {
  const from = await local("a", "one");
  const many = await local("many.bin", Buffer.alloc(30 * 1024 ** 2, 7));
  expect(await expectFailure(hdfs.upload(many, "/closed/a", { owner: "r1-a" }))).toMatchObject({
    code: "PERMISSION_DENIED",
  });
  await hadoop.curl(owner, "PUT", "/full", "op=MKDIRS&permission=777");
  await hadoop.curl(owner, "PUT", "/full", "op=SETQUOTA&namespacequota=1");
  expect(await expectFailure(hdfs.upload(from, "/full/a", { owner: "r1-a" }))).toMatchObject({ code: "DISK_FULL" });
  const lost = await connections.files("lost");
  expect(await expectFailure(lost.upload(from, "/lost/a", { owner: "r1-a" }))).toMatchObject({
    code: "REDIRECT_REFUSED",
  });
  expect(await hdfs.find("/lost/a", {})).toBeUndefined();
  await hdfs.remove("/none", {});
});

test("datasets and files as they are lie there as in any other place", async () => {
  await using project = await DataProject.create();
  const rows = "select * from (values (1, 'one'), (2, 'two')) v(id, name)";
  for (const format of ["csv", "ndjson", "parquet"]) {
    const output = { dataset: format, [format]: { connection: "cluster", path: `/tables/t.${format}` } };
    await project.publish({ sql: rows, output });
    await project.publish({ sql: `${rows} where id = 2`, output });
    expect(await project.rows(format)).toEqual([{ id: 2, name: "two" }]);
  }
  await project.write("in/a/b.bin", large);
  const file = { path: "in/**", format: "file", save: { connection: "cluster", path: "/raw" } } as const;
  await project.publish({ source: { file }, output: { dataset: "moved" } });
  const back = { connection: "cluster", path: "/raw/**", format: "file", save: { path: "out" } } as const;
  await project.publish({ source: { file: back }, output: { dataset: "back" } });
  expect((await readFile(project.path("out/a/b.bin"))).equals(large)).toBe(true);
});
