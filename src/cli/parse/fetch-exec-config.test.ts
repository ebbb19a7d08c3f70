import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { openConnections } from "../../../tests/support/files/file-services.ts";
import { S3Server } from "../../../tests/support/files/s3-server.ts";
import { startBehavingServer } from "../../../tests/support/http/behaving-server.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { lendFileServices } from "../../connections/files/find-file-service.ts";
import { readExecConfig } from "./read-exec-config.ts";

const folder = useTemporaryFolder("fetch-exec-config");
const text = '{"load_promos_job":{"password":"${ssm:/promos/password}"},"start_date":"2024-01-01"}';
const sha256 = createHash("sha256").update(text).digest("hex");

let bucket: S3Server;
let cleanup: AsyncDisposableStack;
beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  bucket = cleanup.use(await S3Server.start());
  const connections = cleanup.use(openConnections({ lake: bucket.connection }));
  cleanup.defer(lendFileServices((name) => connections.files(name)));
});
afterEach(() => cleanup.disposeAsync());

async function read(uri: string, sum: string | undefined = sha256): Promise<unknown> {
  return await readExecConfig({ root: folder(), uri, sha256: sum, connections: { lake: bucket.connection } });
}

test.each(["s3", "s3a", "S3A"])("a configuration is read from `%s://`, and no copy of it stays", async (scheme) => {
  bucket.put("conf/load promos.json", text);
  expect(await read(`${scheme}://lake/conf/load promos.json`)).toEqual(JSON.parse(text));
  expect(await readdir(`${folder()}/.millrace`)).toEqual([]);
});

test("a configuration is read from an address, whose sum is compared", async () => {
  await using server = await startBehavingServer((_request, response) => void response.end(text));
  expect(await read(`${server.origin}/load.json`)).toEqual(JSON.parse(text));
  const error = await expectFailure(read(`${server.origin}/load.json`, "0".repeat(64)));
  expect(error.message).toContain("to match `--config_sha256`");
  expect(error.message).not.toContain(sha256);
});

test.each([
  ["s3://lake", "expected `s3://bucket/key`, got: `s3://lake`", "USAGE_INVALID"],
  ["s3://lake/gone.json", "cannot read `s3://lake/gone.json`: no such object", "USAGE_INVALID"],
  ["s3://other/a.json", "no connection is declared to bucket `other`", "CONNECTION_UNKNOWN"],
  ["s3://lake/large.json", "expected `s3://lake/large.json` to have at most 10 MiB", "USAGE_INVALID"],
  ["http://example.com/a.json", "expected `--config_uri` to begin with `https://`", "USAGE_INVALID"],
  ["ftp://host/a.json", "with `file:`, `s3:`, `s3a:` or `https:`, got: `ftp://host/a.json`", "USAGE_INVALID"],
])("`%s` is refused", async (uri, message, code) => {
  bucket.put("large.json", Buffer.alloc(10 * 1_048_576 + 1, " "));
  const error = await expectFailure(read(uri));
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
});

test("what a service refuses is told as it is", async () => {
  bucket.put("a.json", text);
  bucket.trouble = () => ({ status: 403, code: "AccessDenied" });
  expect((await expectFailure(read("s3://lake/a.json"))).code).toBe("PERMISSION_DENIED");
  await using server = await startBehavingServer((_request, response) => void response.writeHead(404).end());
  expect((await expectFailure(read(`${server.origin}/a.json`))).message).toContain("404");
});
