import { mkdtemp, readFile } from "node:fs/promises";
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
  const webhdfs = { url: hdfs.nameNode, dataNodes: [hdfs.dataNode], user: "etl", ...options };
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
])("%s is an error of its own", async (exception, status, code, disposition) => {
  const { hdfs, service } = await givenCluster();
  hdfs.failure = { status, exception };
  const error = await expectFailure(paths(service, "/in/*.csv"));
  expect(error).toMatchObject({ code, disposition });
  expect(error.message).toContain(exception);
});
