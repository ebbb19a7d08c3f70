// Files of real servers: OpenSSH and versitygw, with their own clients as judges of what was written and of what is read.
import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { FileService } from "../../../src/connections/files/file-service.ts";
import { parsePattern } from "../../../src/connections/files/path-pattern.ts";
import type { Connections } from "../../../src/connections/registry/connections.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { openConnections } from "../../support/files/file-services.ts";
import { type OpenSsh, startOpenSsh } from "./openssh.ts";
import { startVersitygw, type Versitygw } from "./versitygw.ts";

let ssh: OpenSsh;
let gateway: Versitygw;
let connections: Connections;
let folder: string;
let sftp: FileService;
let s3: FileService;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-files-"));
  ssh = await startOpenSsh();
  gateway = await startVersitygw();
});

beforeEach(async () => {
  const { port, user, privateKey, hostKey } = ssh;
  const drop = { sftp: { host: "127.0.0.1", port, user, privateKey, hostKey: hostKey.trim() } };
  const { s3: lake } = gateway.connection;
  connections = openConnections({ drop, lake: { s3: lake }, wrong: { s3: { ...lake, secretAccessKey: "wrong" } } });
  sftp = await connections.files("drop");
  s3 = await connections.files("lake");
});

afterEach(() => connections[Symbol.asyncDispose]());

afterAll(async () => {
  await ssh[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const large = randomBytes(40 * 1024 ** 2);

async function local(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  await chmod(path, 0o644);
  return path;
}

function digest(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

test("OpenSSH's client reads what was written, and writes what is read", async () => {
  const target = join(ssh.folder, "out/a b+%ü.bin");
  await sftp.upload(await local("large.bin", large), target, { owner: "r1-a" });
  await ssh.sftp(`get "${target}" "${join(folder, "got.bin")}"`);
  expect(digest(await readFile(join(folder, "got.bin")))).toBe(digest(large));
  await ssh.sftp(`mkdir "${ssh.folder}/in"`, `put "${join(folder, "large.bin")}" "${ssh.folder}/in/b [1].bin"`);
  const found = await Array.fromAsync(sftp.list(parsePattern(`${ssh.folder}/in/*.bin`), {}));
  expect(found).toMatchObject([{ path: `${ssh.folder}/in/b [1].bin`, size: large.length }]);
  await sftp.download(found[0]!, join(folder, "back.bin"), {});
  expect(digest(await readFile(join(folder, "back.bin")))).toBe(digest(large));
});

test("OpenSSH replaces a file in one step, and refuses what the account may not do", async () => {
  const target = join(ssh.folder, "swap.csv");
  await sftp.upload(await local("one.csv", "1"), target, { owner: "r1-a" });
  await sftp.upload(await local("two.csv", "22"), target, { owner: "r2-a" });
  expect((await sftp.find(target, {}))?.size).toBe(2);
  const upload = { owner: "r3-a", over: "absent" } as const;
  expect(await expectFailure(sftp.upload(join(folder, "one.csv"), target, upload))).toMatchObject({
    code: "TARGET_CONFLICT",
  });
  expect((await ssh.sftp(`ls -a ${ssh.folder}`)).includes(".millrace")).toBe(false);
  await mkdir(join(folder, "closed"), { mode: 0o700 });
  const denied = expectFailure(Array.fromAsync(sftp.list(parsePattern(join(folder, "closed/*")), {})));
  expect(["PERMISSION_DENIED"]).toContain((await denied).code);
});

test("boto3 reads what was written, and writes what is read", async () => {
  await s3.upload(await local("large.bin", large), "out/a b+%ü.bin", { owner: "r1-a" });
  const read = `import hashlib
body = s3.get_object(Bucket=bucket, Key="out/a b+%ü.bin")["Body"].read()
print(hashlib.md5(body).hexdigest())`;
  expect((await gateway.boto3(read)).trim()).toBe(digest(large));
  await gateway.boto3(`for i in range(1203): s3.put_object(Bucket=bucket, Key=f"in/{i} +%ü.csv", Body=f"id\\n{i}\\n".encode())
s3.upload_file("${join(folder, "large.bin")}", bucket, "in/large.bin")`);
  const found = await Array.fromAsync(s3.list(parsePattern("in/*.csv"), {}));
  expect(found).toHaveLength(1_203);
  const one = found.find(({ path }) => path === "in/77 +%ü.csv");
  await s3.download(one!, join(folder, "77.csv"), {});
  expect(await readFile(join(folder, "77.csv"), "utf8")).toBe("id\n77\n");
  await s3.download((await s3.find("in/large.bin", {}))!, join(folder, "large-back.bin"), {});
  expect(digest(await readFile(join(folder, "large-back.bin")))).toBe(digest(large));
});

test("versitygw refuses another secret, and a key that is taken", async () => {
  const wrong = await connections.files("wrong");
  expect(await expectFailure(Array.fromAsync(wrong.list(parsePattern("**"), {})))).toMatchObject({
    code: "AUTHENTICATION_FAILED",
  });
  const path = await local("x.csv", "x");
  await s3.upload(path, "taken.csv", { owner: "r1-a" });
  const other = await local("y.csv", "other");
  for (const file of [other, await local("z.bin", large)]) {
    const conflict = expectFailure(s3.upload(file, "taken.csv", { owner: "r2-a", over: "absent" }));
    expect(await conflict).toMatchObject({ code: "TARGET_CONFLICT" });
  }
  await s3.clearUnfinished("taken.csv", "r2-a", {});
  const uploads = await gateway.boto3(`print(len(s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])))`);
  expect(uploads.trim()).toBe("0");
});
