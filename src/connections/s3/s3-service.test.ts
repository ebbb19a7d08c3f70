import { createHash } from "node:crypto";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openConnections } from "../../../tests/support/files/file-services.ts";
import { S3Server } from "../../../tests/support/files/s3-server.ts";
import { closeAfterEach } from "../../../tests/support/http/close-after-each.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import type { FileService } from "../files/file-service.ts";
import { parsePattern } from "../files/path-pattern.ts";

const closeLater = closeAfterEach();
const root = useTemporaryFolder("s3");
const megabyte = 1024 ** 2;

interface Scene {
  readonly server: S3Server;
  readonly s3: FileService;
  readonly folder: string;
}

async function givenBucket(): Promise<Scene> {
  const server = closeLater(await S3Server.start());
  const connections = closeLater(openConnections({ lake: server.connection }));
  return {
    server,
    s3: await connections.files("lake"),
    folder: await mkdtemp(join(root(), "t-")),
  };
}

async function paths(s3: FileService, pattern: string): Promise<string[]> {
  const found = await Array.fromAsync(s3.list(parsePattern(pattern), {}));
  return found.map(({ path }) => path);
}

const oddKeys = [
  "a+b.csv",
  "a b.csv",
  "100%.csv",
  "ü/ç.csv",
  "q?x=1&y.csv",
  "(it's)!*~.csv",
  "a//b.csv",
  "a%2Fb.csv",
  "#1.csv",
];

test("keys of every kind are written, listed, read and removed under their own name", async () => {
  const { server, s3, folder } = await givenBucket();
  const local = join(folder, "in.csv");
  for (const key of oddKeys) {
    await writeFile(local, key);
    await s3.upload(local, key, { owner: "r1-a" });
  }
  expect([...server.objects.keys()].toSorted()).toEqual(oddKeys.toSorted());
  expect((await paths(s3, "**")).toSorted()).toEqual(oddKeys.filter((key) => !key.includes("//")).toSorted());
  for (const [index, key] of oddKeys.entries()) {
    const found = await s3.find(key, {});
    await s3.download(found!, join(folder, String(index)), {});
    expect(await readFile(join(folder, String(index)), "utf8")).toBe(key);
    await s3.remove(key, {});
  }
  expect(server.objects.size).toBe(0);
});

test("a listing is read page after page, and one that goes in a circle is refused", async () => {
  const { server, s3 } = await givenBucket();
  for (let index = 0; index < 25; index += 1) server.put(`in/${index}.csv`, "x");
  server.put("in/folder/", "");
  server.put("other.csv", "x");
  server.pageSize = 10;
  expect(await paths(s3, "in/*.csv")).toHaveLength(25);
  expect(server.requests.map(({ query }) => query.get("prefix"))).toEqual(["in/", "in/", "in/"]);
  server.pageSize = 0;
  expect(await expectFailure(paths(s3, "in/*.csv"))).toMatchObject({ code: "PAGINATION_BROKEN" });
});

test("a large object is read in ranges, and a range that was cut goes on where it was", async () => {
  const { server, s3, folder } = await givenBucket();
  const body = Buffer.alloc(40 * megabyte, "abcdefg");
  server.put("big.bin", body);
  let isCut = false;
  server.trouble = ({ headers }) => {
    if (isCut || headers.range?.startsWith("bytes=16777216-") !== true) return undefined;
    isCut = true;
    return { cutAfter: megabyte };
  };
  const file = await s3.find("big.bin", {});
  await s3.download(file!, join(folder, "big.bin"), {});
  expect(
    createHash("md5")
      .update(await readFile(join(folder, "big.bin")))
      .digest("hex"),
  ).toBe(file!.version);
  const ranges = server.requests.flatMap(({ headers }) => headers.range ?? []);
  expect(ranges).toHaveLength(4);
  expect(ranges.filter((range) => range.endsWith("-33554431"))).toHaveLength(2);
  expect(ranges).not.toContain("bytes=0-41943039");
});

test.each([
  ["is another one by now", (server: S3Server) => server.put("a.csv", "changed")],
  ["is gone", (server: S3Server) => void server.objects.delete("a.csv")],
])("an object that %s is read again by another try of the run", async (_, change) => {
  const { server, s3, folder } = await givenBucket();
  server.put("a.csv", "1");
  const file = await s3.find("a.csv", {});
  change(server);
  const error = await expectFailure(s3.download(file!, join(folder, "a.csv"), {}));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "retry" });
});

test("bytes that are not those of the ETag are refused", async () => {
  const { server, s3, folder } = await givenBucket();
  server.put("a.csv", "damaged", { etag: createHash("md5").update("whole").digest("hex") });
  const file = await s3.find("a.csv", {});
  const error = await expectFailure(s3.download(file!, join(folder, "a.csv"), {}));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "retry" });
  expect(error.message).toContain("not those that its ETag tells");
});

test("an empty object is an empty file", async () => {
  const { server, s3, folder } = await givenBucket();
  server.put("empty.csv", "");
  const file = await s3.find("empty.csv", {});
  await s3.download(file!, join(folder, "empty.csv"), {});
  expect(await readFile(join(folder, "empty.csv"), "utf8")).toBe("");
});

test("a service that is busy is asked again, for a while", async () => {
  const { server, s3 } = await givenBucket();
  server.put("a.csv", "1");
  server.trouble = (_, index) => (index < 2 ? { status: 503, code: "SlowDown" } : undefined);
  expect(await paths(s3, "*.csv")).toEqual(["a.csv"]);
  expect(server.requests).toHaveLength(3);
});

test.each([
  [403, "AccessDenied", {}, "PERMISSION_DENIED", "the right to do this"],
  [403, "SignatureDoesNotMatch", {}, "AUTHENTICATION_FAILED", "compare the keys"],
  [403, "RequestTimeTooSkewed", {}, "AUTHENTICATION_FAILED", "clock"],
  [301, "PermanentRedirect", { "x-amz-bucket-region": "eu-west-1" }, "REQUEST_REJECTED", "`eu-west-1`"],
  [404, "NoSuchBucket", {}, "SOURCE_MISSING", "compare `bucket`"],
] as const)(
  "a listing with status %i and %s is an error with a remedy",
  async (status, code, headers, expected, hint) => {
    const { server, s3 } = await givenBucket();
    server.trouble = () => ({ status, code, headers });
    const error = await expectFailure(paths(s3, "*.csv"));
    expect(error).toMatchObject({ code: expected, hint: expect.stringContaining(hint) as string });
    expect(error.message).toContain(code);
  },
);

test("wrong keys are refused, and the secret is in no message", async () => {
  const server = closeLater(await S3Server.start());
  const s3 = { ...server.connection.s3, secretAccessKey: "wrong-canary-secret" };
  const secrets: string[] = [];
  const connections = closeLater(openConnections({ lake: { s3 } }, (secret) => secrets.push(secret)));
  const service = await connections.files("lake");
  const error = await expectFailure(paths(service, "*.csv"));
  expect(error).toMatchObject({ code: "AUTHENTICATION_FAILED" });
  expect(JSON.stringify({ ...error, message: error.message })).not.toContain("canary");
  expect(secrets).toContain("wrong-canary-secret");
});

test("a large file goes in parts, of which nothing stays when one fails", async () => {
  const { server, s3, folder } = await givenBucket();
  const local = join(folder, "big.bin");
  await writeFile(local, Buffer.alloc(40 * megabyte, "abc"));
  server.trouble = ({ query }) => (query.get("partNumber") === "3" ? { status: 403, code: "AccessDenied" } : undefined);
  expect(await expectFailure(s3.upload(local, "big.bin", { owner: "r1-a" }))).toMatchObject({
    code: "PERMISSION_DENIED",
  });
  expect([server.objects.size, server.uploads.size]).toEqual([0, 0]);
  server.trouble = () => undefined;
  expect(await s3.upload(local, "big.bin", { owner: "r1-a" })).toMatchObject({ size: 40 * megabyte });
  expect(server.objects.get("big.bin")?.etag).toMatch(/-3$/);
});

test("what is there is not replaced unless that is wanted; a repeated try finds its own object", async () => {
  const { server, s3, folder } = await givenBucket();
  const local = join(folder, "a.csv");
  await writeFile(local, "mine");
  server.put("a.csv", "theirs");
  const error = await expectFailure(s3.upload(local, "a.csv", { owner: "r1-a", over: "absent" }));
  expect(error).toMatchObject({ code: "TARGET_CONFLICT" });
  expect(server.text("a.csv")).toBe("theirs");
  // the answer of the first try gets lost
  server.objects.clear();
  server.trouble = ({ method, body }, index) => {
    if (method !== "PUT" || index > 3) return undefined;
    server.put("a.csv", body);
    return { status: 500, code: "InternalError" };
  };
  await s3.upload(local, "a.csv", { owner: "r1-a", over: "absent" });
  expect(server.text("a.csv")).toBe("mine");
});

test("bytes that a bucket has got otherwise than they were sent are no object that was written", async () => {
  const { server, s3, folder } = await givenBucket();
  const local = join(folder, "a.csv");
  await writeFile(local, "mine");
  const etag = createHash("md5").update("others").digest("hex");
  server.trouble = ({ method }) => (method === "PUT" ? { headers: { etag } } : undefined);
  const error = await expectFailure(s3.upload(local, "a.csv", { owner: "r1-a" }));
  expect(error).toMatchObject({ code: "TARGET_UNREADABLE", disposition: "retry" });
});

test("unfinished uploads of a key are ended, and no others", async () => {
  const { server, s3 } = await givenBucket();
  server.uploads.set("one", { key: "a.csv", parts: new Map() });
  server.uploads.set("two", { key: "a.csv.old", parts: new Map() });
  await s3.clearUnfinished("a.csv", "r1-a", {});
  expect([...server.uploads.keys()]).toEqual(["two"]);
});
