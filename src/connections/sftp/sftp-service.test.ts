import { mkdir, mkdtemp, readdir, readFile, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { openConnections } from "../../../tests/support/files/file-services.ts";
import { SftpServer } from "../../../tests/support/files/sftp-server.ts";
import { closeAfterEach } from "../../../tests/support/http/close-after-each.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import type { SftpConnectionOptions } from "../../core/connection/file-connection-options.ts";
import type { FileService } from "../files/file-service.ts";
import { parsePattern } from "../files/path-pattern.ts";

const closeLater = closeAfterEach();
const root = useTemporaryFolder("sftp");
const kilobyte = 1024;

interface Scene {
  readonly server: SftpServer;
  readonly sftp: FileService;
  /** Of the one who asks. */
  readonly folder: string;
}

async function givenServer(options: Partial<SftpConnectionOptions> = {}): Promise<Scene> {
  const server = closeLater(await SftpServer.start(await mkdtemp(join(root(), "server-"))));
  const connections = closeLater(openConnections({ drop: { sftp: { ...server.connection.sftp, ...options } } }));
  const sftp = await connections.files("drop");
  return { server, sftp, folder: await mkdtemp(join(root(), "client-")) };
}

async function paths(sftp: FileService, pattern: string): Promise<string[]> {
  const found = await Array.fromAsync(sftp.list(parsePattern(pattern), {}));
  return found.map(({ path }) => path);
}

test("files of a pattern are found in folders, through links, and work in progress is not", async () => {
  const { server, sftp } = await givenServer();
  await mkdir(join(server.root, "in/2026/b c"), { recursive: true });
  for (const name of ["in/a.csv", "in/.a.csv.part", "in/2026/1.csv", "in/2026/b c/ü+%.csv", "in/x.txt"]) {
    await writeFile(join(server.root, name), "x");
  }
  await symlink("a.csv", join(server.root, "in/link.csv"));
  await symlink("nowhere", join(server.root, "in/broken.csv"));
  expect(await paths(sftp, "/in/*.csv")).toEqual(["/in/a.csv", "/in/link.csv"]);
  expect(await paths(sftp, "/in/**/*.csv")).toEqual([
    "/in/2026/1.csv",
    "/in/2026/b c/ü+%.csv",
    "/in/a.csv",
    "/in/link.csv",
  ]);
  expect(await paths(sftp, "/in/20[0-9][0-9]/?.csv")).toEqual(["/in/2026/1.csv"]);
  expect(await paths(sftp, "/out/*.csv")).toEqual([]);
});

test("a file is read whole by many reads at once", async () => {
  const { server, sftp, folder } = await givenServer();
  const body = Buffer.from(Array.from({ length: 900 * kilobyte }, (_, index) => index % 251));
  await writeFile(join(server.root, "big.bin"), body);
  const file = await sftp.find("/big.bin", {});
  await sftp.download(file!, join(folder, "big.bin"), {});
  expect(Buffer.compare(await readFile(join(folder, "big.bin")), body)).toBe(0);
  await writeFile(join(server.root, "empty.bin"), "");
  await sftp.download((await sftp.find("/empty.bin", {}))!, join(folder, "empty.bin"), {});
  expect(await readFile(join(folder, "empty.bin"), "utf8")).toBe("");
});

test("a session that is dropped in the middle is made anew, and reading goes on where it was", async () => {
  const { server, sftp, folder } = await givenServer();
  const body = Buffer.alloc(500 * kilobyte, "abc");
  await writeFile(join(server.root, "big.bin"), body);
  let reads = 0;
  server.trouble = ({ operation, connection }) => {
    reads += operation === "READ" ? 1 : 0;
    if (reads === 5 && operation === "READ") connection.end();
  };
  await sftp.download((await sftp.find("/big.bin", {}))!, join(folder, "big.bin"), {});
  expect(Buffer.compare(await readFile(join(folder, "big.bin")), body)).toBe(0);
  expect(server.connections).toHaveLength(2);
});

test("a server that ended the session between two questions is asked again", async () => {
  const { server, sftp } = await givenServer();
  await writeFile(join(server.root, "a.csv"), "1");
  expect(await paths(sftp, "/*.csv")).toEqual(["/a.csv"]);
  server.connections[0]?.end();
  expect(await paths(sftp, "/*.csv")).toEqual(["/a.csv"]);
});

test.each([
  ["shrinks while it is read", 10, "it ends at byte"],
  ["shrank before it is read", 0, "it had 204800 bytes and has 10"],
])("a file that %s is no file that was read", async (_, at, message) => {
  const { server, sftp, folder } = await givenServer();
  const path = join(server.root, "big.bin");
  await writeFile(path, Buffer.alloc(200 * kilobyte));
  const file = await sftp.find("/big.bin", {});
  server.trouble = async ({ operation }) => {
    if (at === 0 || operation === "READ") await truncate(path, 10);
  };
  const error = await expectFailure(sftp.download(file!, join(folder, "big.bin"), {}));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "retry" });
  expect(error.message).toContain(message);
});

test("a file that grows while it is read is no file that was read", async () => {
  const { server, sftp, folder } = await givenServer();
  const path = join(server.root, "a.bin");
  await writeFile(path, "12345");
  const file = await sftp.find("/a.bin", {});
  server.trouble = async ({ operation }) => {
    if (operation !== "READ") return;
    await writeFile(path, "1234567");
    await utimes(path, 1, 1);
  };
  const error = await expectFailure(sftp.download(file!, join(folder, "a.bin"), {}));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "retry" });
});

test("another host key is refused before the password is sent", async () => {
  const { server, sftp } = await givenServer({ hostKey: `SHA256:${"A".repeat(43)}` });
  const error = await expectFailure(paths(sftp, "/*.csv"));
  expect(error).toMatchObject({ code: "HOST_KEY_MISMATCH", disposition: "fail" });
  expect(error.message).toMatch(/got: `SHA256:[A-Za-z0-9+/]{43}` \(ecdsa-sha2-nistp256\)$/);
  const [, fingerprint = ""] = /got: `([^`]+)`/.exec(error.message) ?? [];
  // what the message tells is what a person would write down after asking
  const connections = closeLater(
    openConnections({ drop: { sftp: { ...server.connection.sftp, hostKey: [fingerprint] } } }),
  );
  expect(await Array.fromAsync((await connections.files("drop")).list(parsePattern("/*"), {}))).toEqual([]);
});

test("a wrong password is refused, and is in no message", async () => {
  const { sftp } = await givenServer({ password: "wrong-canary" });
  const error = await expectFailure(paths(sftp, "/*.csv"));
  expect(error).toMatchObject({ code: "AUTHENTICATION_FAILED" });
  expect(JSON.stringify({ ...error, message: error.message })).not.toContain("canary");
});

test("a server that is not there is tried again by the run", async () => {
  const { server, sftp } = await givenServer();
  await server[Symbol.asyncDispose]();
  expect(await expectFailure(paths(sftp, "/*.csv"))).toMatchObject({ code: "CONNECTION_FAILED", disposition: "retry" });
});

test("a server that never answers is given up", async () => {
  const { server, sftp } = await givenServer({ timeouts: { idle: "50ms" } });
  server.trouble = () => new Promise(() => undefined);
  expect(await expectFailure(paths(sftp, "/*.csv"))).toMatchObject({ code: "CONNECTION_FAILED" });
});

test("what the account may not read is named", async () => {
  const { server, sftp } = await givenServer();
  server.trouble = ({ operation }) => (operation === "OPENDIR" ? 3 : undefined);
  const error = await expectFailure(paths(sftp, "/secret/*.csv"));
  expect(error).toMatchObject({ code: "PERMISSION_DENIED" });
  expect(error.message).toContain("/secret");
});

test("a stopped run ends what is under way for its reason", async () => {
  const { server, sftp } = await givenServer();
  const stop = new AbortController();
  server.trouble = () => stop.abort(new Error("stopped"));
  const listing = Array.fromAsync(sftp.list(parsePattern("/*"), { signal: stop.signal }));
  await expect(listing).rejects.toThrow("stopped");
});

test("a file is put in its place in one step, and nothing half-made stays", async () => {
  const { server, sftp, folder } = await givenServer();
  const local = join(folder, "a.csv");
  await writeFile(local, Buffer.alloc(300 * kilobyte, "abc"));
  const made = await sftp.upload(local, "/out/2026/a.csv", { owner: "r1-a" });
  expect(made).toMatchObject({ path: "/out/2026/a.csv", size: 300 * kilobyte });
  await writeFile(local, "new");
  await sftp.upload(local, "/out/2026/a.csv", { owner: "r2-a" });
  expect(await readFile(join(server.root, "out/2026/a.csv"), "utf8")).toBe("new");
  await writeFile(local, "other");
  const conflict = await expectFailure(sftp.upload(local, "/out/2026/a.csv", { owner: "r3-a", over: "absent" }));
  expect(conflict).toMatchObject({ code: "TARGET_CONFLICT" });
  server.trouble = ({ operation }) => (operation === "WRITE" ? 3 : undefined);
  await expectFailure(sftp.upload(local, "/out/2026/a.csv", { owner: "r3-a" }));
  expect(await readdir(join(server.root, "out/2026"))).toEqual(["a.csv"]);
  expect(await readFile(join(server.root, "out/2026/a.csv"), "utf8")).toBe("new");
});
