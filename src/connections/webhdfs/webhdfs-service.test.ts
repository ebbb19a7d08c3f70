import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { openConnections } from "../../../tests/support/files/file-services.ts";
import { type Hdfs, startHdfs } from "../../../tests/support/files/hdfs-server.ts";
import { closeAfterEach } from "../../../tests/support/http/close-after-each.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import type { WebHdfsConnectionOptions } from "../../core/connection/file-connection-options.ts";
import type { FileService } from "../files/file-service.ts";
import { parsePattern } from "../files/path-pattern.ts";

const closeLater = closeAfterEach();
const root = useTemporaryFolder("webhdfs");

interface Scene {
  readonly hdfs: Hdfs;
  readonly service: FileService;
  readonly folder: string;
}

async function givenCluster(options: Partial<WebHdfsConnectionOptions> = {}): Promise<Scene> {
  const hdfs = closeLater(await startHdfs());
  const webhdfs = { ...hdfs.connection.webhdfs, ...options };
  const connections = closeLater(openConnections({ cluster: { webhdfs } }));
  return { hdfs, service: await connections.files("cluster"), folder: await mkdtemp(join(root(), "t-")) };
}

async function paths(service: FileService, pattern: string): Promise<string[]> {
  const found = await Array.fromAsync(service.list(parsePattern(pattern), {}));
  return found.map(({ path }) => path);
}

test("files of a pattern are found in folders, and names may have any character", async () => {
  const { hdfs, service } = await givenCluster();
  hdfs.files.set("/in/a.csv", "1").set("/in/ü +%?.csv", "2").set("/in/deep/er/b.csv", "3").set("/in/x.txt", "4");
  expect(await paths(service, "/in/*.csv")).toEqual(["/in/a.csv", "/in/ü +%?.csv"]);
  expect(await paths(service, "/in/**/*.csv")).toEqual(["/in/a.csv", "/in/ü +%?.csv", "/in/deep/er/b.csv"]);
  expect(await paths(service, "/none/*.csv")).toEqual([]);
});

test("the bytes of a file come from the data node that the name node leads to", async () => {
  const { hdfs, service, folder } = await givenCluster();
  hdfs.files.set("/in/ü +%?.csv", "a,b\n1,2\n").set("/in/empty.csv", "");
  for (const [index, path] of ["/in/ü +%?.csv", "/in/empty.csv"].entries()) {
    const file = await service.find(path, {});
    await service.download(file!, join(folder, String(index)), {});
    expect(await readFile(join(folder, String(index)), "utf8")).toBe(hdfs.files.get(path));
  }
  expect(hdfs.requests.filter((line) => line.includes("op=OPEN"))).toHaveLength(2);
});

test("a data node that is not declared gets no request", async () => {
  const { hdfs, service, folder } = await givenCluster({ dataNodes: ["http://elsewhere.example"] });
  hdfs.files.set("/in/a.csv", "1");
  const file = await service.find("/in/a.csv", {});
  const error = await expectFailure(service.download(file!, join(folder, "a.csv"), {}));
  expect(error).toMatchObject({ code: "REDIRECT_REFUSED" });
  expect(hdfs.requests.some((line) => line.startsWith("data "))).toBe(false);
});

test("a delegation token proves who asks, and is in no message", async () => {
  const hdfs = closeLater(await startHdfs());
  hdfs.token = "canary-delegation-token";
  hdfs.files.set("/in/a.csv", "1");
  const ask = async (delegationToken: string): Promise<string[]> => {
    const webhdfs = { url: hdfs.nameNode, dataNodes: [hdfs.dataNode], delegationToken };
    const connections = closeLater(openConnections({ cluster: { webhdfs } }));
    return await paths(await connections.files("cluster"), "/in/*.csv");
  };
  expect(await ask("canary-delegation-token")).toEqual(["/in/a.csv"]);
  const error = await expectFailure(ask("canary-ended-token"));
  expect(error).toMatchObject({ code: "AUTHENTICATION_FAILED" });
  expect(JSON.stringify({ ...error, message: error.message })).not.toContain("canary");
});

test("a file that is another one after it was read is read again by another try", async () => {
  const { hdfs, service, folder } = await givenCluster();
  hdfs.files.set("/in/a.csv", "12345");
  const file = await service.find("/in/a.csv", {});
  hdfs.onOpen = () => void hdfs.files.set("/in/a.csv", "1234567");
  const error = await expectFailure(service.download(file!, join(folder, "a.csv"), {}));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "retry" });
});

test.each([
  ["AccessControlException", 403, "PERMISSION_DENIED", "fail"],
  ["StandbyException", 403, "SERVICE_UNAVAILABLE", "retry"],
  ["SecurityException", 401, "AUTHENTICATION_FAILED", "fail"],
  ["IOException", 403, "SERVICE_UNAVAILABLE", "retry"],
])("%s is an error of its own", async (exception, status, code, disposition) => {
  const { hdfs, service } = await givenCluster();
  hdfs.trouble = () => ({ status, exception });
  const error = await expectFailure(paths(service, "/in/*.csv"));
  expect(error).toMatchObject({ code, disposition });
  expect(error.message).toContain(exception);
});

test("a cluster that asks for Kerberos is refused by its name", async () => {
  const { hdfs, service } = await givenCluster();
  hdfs.trouble = () => ({ status: 401, headers: { "www-authenticate": "Negotiate" } });
  const error = await expectFailure(paths(service, "/in/*.csv"));
  expect(error).toMatchObject({
    code: "AUTHENTICATION_FAILED",
    hint: expect.stringContaining("delegationToken") as string,
  });
  expect(error.message).toContain("Kerberos");
});

async function local({ folder }: Scene, content: string | Uint8Array): Promise<string> {
  const path = join(folder, "local");
  await writeFile(path, content);
  return path;
}

test.each([
  ["a small file", Buffer.from("id\n1\n")],
  ["an empty file", Buffer.alloc(0)],
  ["bytes that are no text", Buffer.alloc(700_001, Buffer.from([0, 255, 10, 128]))],
])("%s is put in its place in one step, and nothing half-made stays", async (_, content) => {
  const scene = await givenCluster();
  const { hdfs, service } = scene;
  const path = "/out/ü +%?.csv";
  const seen: unknown[] = [];
  const onReady = async (): Promise<void> => void seen.push(hdfs.files.get(path));
  const made = await service.upload(await local(scene, content), path, { owner: "r1-a", onReady });
  expect(made).toMatchObject({ path, size: content.length });
  expect([seen, [...hdfs.files.keys()]]).toEqual([[undefined], [path]]);
  expect(Buffer.from(hdfs.files.get(path) ?? "x").equals(content)).toBe(true);
  await service.upload(await local(scene, "new"), path, { owner: "r2-a" });
  const conflict = service.upload(await local(scene, "other"), path, { owner: "r3-a", over: "absent" });
  expect(await expectFailure(conflict)).toMatchObject({ code: "TARGET_CONFLICT" });
  expect([...hdfs.files].map(([name, bytes]) => [name, bytes.toString()])).toEqual([[path, "new"]]);
});

test("the name node gets no bytes, and a data node that is not declared gets none either", async () => {
  const scene = await givenCluster({ dataNodes: ["http://elsewhere.example"] });
  const error = await expectFailure(scene.service.upload(await local(scene, "1"), "/out/a", { owner: "r1-a" }));
  expect(error).toMatchObject({ code: "REDIRECT_REFUSED", hint: expect.stringContaining("dataNodes") as string });
  expect(scene.hdfs.requests.some((line) => line.startsWith("data "))).toBe(false);
});

test("a rename whose answer got lost is taken for what it was, with and without a file before", async () => {
  const scene = await givenCluster();
  const { hdfs, service } = scene;
  for (const over of [{}, {}, { over: "absent" } as const]) {
    let renames = 0;
    hdfs.trouble = ({ op, path, query }) => {
      if (op !== "RENAME" || (renames += 1) > 1) return undefined;
      const content = hdfs.files.get(path) ?? "";
      hdfs.files.delete(path);
      hdfs.files.set(query.get("destination") ?? "", content);
      return "cut";
    };
    if ("over" in over) hdfs.files.clear();
    await service.upload(await local(scene, "1"), "/out/a", { owner: "r1-a", ...over });
    expect([renames, [...hdfs.files.keys()]]).toEqual([2, ["/out/a"]]);
  }
});

test.each([
  ["the connection is cut on the way to the data node", "cut", "CONNECTION_FAILED"],
  ["the account may not write there", { status: 403, exception: "AccessControlException" }, "PERMISSION_DENIED"],
  ["a quota is used up", { status: 403, exception: "DSQuotaExceededException" }, "DISK_FULL"],
  [
    "no data node has room",
    {
      status: 403,
      exception: "IOException",
      message: "File /x could only be written to 0 of the 1 minReplication nodes.",
    },
    "DISK_FULL",
  ],
] as const)("when %s, the file that is there stays, and nothing else", async (_, trouble, code) => {
  const scene = await givenCluster();
  scene.hdfs.files.set("/out/a", "before");
  scene.hdfs.trouble = ({ node, op }) => (node === "data" && op === "CREATE" ? trouble : undefined);
  const error = await expectFailure(scene.service.upload(await local(scene, "1"), "/out/a", { owner: "r1-a" }));
  expect(error).toMatchObject({ code });
  expect([...scene.hdfs.files]).toEqual([["/out/a", "before"]]);
});

test("a data node that is cut off once gets the bytes again", async () => {
  const scene = await givenCluster();
  let creates = 0;
  scene.hdfs.trouble = ({ node, op }) =>
    node === "data" && op === "CREATE" && (creates += 1) === 1 ? "cut" : undefined;
  await scene.service.upload(await local(scene, "12"), "/out/a", { owner: "r1-a" });
  expect([creates, [...scene.hdfs.files.keys()]]).toEqual([2, ["/out/a"]]);
});

test.each([
  ["fewer bytes", "1"],
  ["other bytes", "21"],
])("%s than were sent are never put in the place of a file", async (_, kept) => {
  const scene = await givenCluster();
  scene.hdfs.trouble = ({ op, path }) => {
    if (op === "GETFILESTATUS" && scene.hdfs.files.has(path)) scene.hdfs.files.set(path, Buffer.from(kept));
    return undefined;
  };
  const error = await expectFailure(scene.service.upload(await local(scene, "12"), "/out/a", { owner: "r1-a" }));
  expect(error).toMatchObject({ code: "TARGET_UNREADABLE", disposition: "retry" });
  expect([...scene.hdfs.files]).toEqual([]);
});

test("bytes that are not those of the cluster's checksum are no file that was read", async () => {
  const { hdfs, service, folder } = await givenCluster();
  hdfs.files.set("/in/a.csv", "12");
  const file = await service.find("/in/a.csv", {});
  hdfs.trouble = ({ op }) => {
    if (op === "GETFILECHECKSUM") hdfs.files.set("/in/a.csv", "21");
    return undefined;
  };
  const error = await expectFailure(service.download(file!, join(folder, "a.csv"), {}));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "retry" });
});

test("a folder in the place of a file is told, and stays", async () => {
  const scene = await givenCluster();
  scene.hdfs.files.set("/out/a/b", "1");
  const error = await expectFailure(scene.service.upload(await local(scene, "1"), "/out/a", { owner: "r1-a" }));
  expect(error).toMatchObject({ code: "TARGET_UNREADABLE", disposition: "fail" });
});

test("what an interruption left is found again by its owner, and what is gone is no error", async () => {
  const { hdfs, service } = await givenCluster();
  hdfs.files.set("/out/.a.r1-a.millrace", "half").set("/out/.a.r2-a.millrace", "another run's");
  await service.clearUnfinished("/out/a", "r1-a", {});
  await service.clearUnfinished("/out/a", "r1-a", {});
  await service.remove("/out/none", {});
  expect([...hdfs.files.keys()]).toEqual(["/out/.a.r2-a.millrace"]);
});
