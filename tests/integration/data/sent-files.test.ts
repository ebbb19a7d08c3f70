// Requests that carry files: every byte once, written down before they are sent, with the answers as rows.
import { createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { integrationJob, type IntegrationJobDefinition } from "../../../src/data/jobs/integration-job.ts";
import { sqlJob } from "../../../src/data/jobs/sql-job.ts";
import type { HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import { createTestProject, type TestProject, type TestRun } from "../../../src/testing.ts";
import { expectThrown } from "../../support/expect-thrown.ts";
import { S3Server } from "../../support/files/s3-server.ts";
import {
  answerJson,
  type Behaviour,
  type BehavingServer,
  startBehavingServer,
} from "../../support/http/behaving-server.ts";

let project: TestProject;
let lake: S3Server;
let server: BehavingServer;
let answer: Behaviour;
beforeEach(async () => {
  answer = (_request, response) => answerJson(response, [{ id: 1 }], 201);
  server = await startBehavingServer((...call) => answer(...call));
  lake = await S3Server.start();
  project = await createTestProject({ connections: { lake: lake.connection } });
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await lake[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const bytes = randomBytes(700_000);
const files = ["in/a.bin", "in/b.bin"].map((path) => ({ path }));

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(project.root, path)), { recursive: true });
  await writeFile(join(project.root, path), content);
}

function define(http: Partial<HttpSourceOptions>, more: Partial<IntegrationJobDefinition> = {}): Job {
  return integrationJob({
    name: "send",
    purpose: "egression",
    inputs: { files: { dataset: "moved", role: "activation", key: "path" } },
    source: { http: { url: `${server.origin}/files`, method: "POST", retry: { attempts: 2, wait: "1ms" }, ...http } },
    output: { dataset: "answers" },
    ...more,
  });
}

async function run(job: Job, attempts = 1): Promise<TestRun> {
  const options = { inputs: { moved: files }, onFailure: "return" } as const;
  const first = await project.run(job, options);
  return attempts === 1 ? first : await project.run(job, options);
}

function digest(content: Uint8Array, encoding: "hex" | "base64" = "hex"): string {
  return createHash("md5").update(content).digest(encoding);
}

test("each file of a dataset is the body of a request, with its length and what the job says of it", async () => {
  lake.put("in/a.bin", bytes);
  lake.put("in/b.bin", "");
  const http: Partial<HttpSourceOptions> = {
    url: `${server.origin}/files/{{upload.name}}`,
    method: "PUT",
    headers: { "content-md5": "{{upload.md5Base64}}" },
    body: { file: { connection: "lake", path: "{{files.path}}" } },
    read: { values: { path: "{{files.path}}", md5: "{{upload.md5}}" } },
  };
  const { error, output } = await run(define(http));
  expect(error).toBeUndefined();
  const sent = server.received.map(({ method, path, headers, bytes: body }) => [
    `${method} ${path}`,
    headers["content-length"],
    headers["content-type"],
    headers["content-md5"] === digest(body, "base64"),
    digest(body),
  ]);
  const type = "application/octet-stream";
  expect(sent.toSorted((one, other) => (String(one) < String(other) ? -1 : 1))).toEqual([
    ["PUT /files/a.bin", "700000", type, true, digest(bytes)],
    ["PUT /files/b.bin", "0", type, true, digest(Buffer.alloc(0))],
  ]);
  expect(output["answers"]).toMatchObject([
    { path: "in/a.bin", md5: digest(bytes) },
    { path: "in/b.bin", md5: digest(Buffer.alloc(0)) },
  ]);
});

test("a file is a part of a form beside texts, and no body is held whole", async () => {
  for (const { path } of files) await put(path, bytes);
  const multipart = [
    { name: "note", text: "from {{files.path}}" },
    { name: "file", file: { path: "{{files.path}}" }, contentType: "image/tiff" },
    { name: "again", file: { path: "in/b.bin" }, fileName: "other.bin" },
  ];
  expect((await run(define({ body: { multipart } }))).error).toBeUndefined();
  const first = server.received.find(({ bytes: body }) => body.includes("from in/a.bin"));
  const boundary = /boundary=(.+)$/.exec(first?.headers["content-type"] ?? "")?.[1] ?? "none";
  const part = (head: string, content: Uint8Array): Buffer =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n`),
      content,
      Buffer.from("\r\n"),
    ]);
  const expected = Buffer.concat([
    part('name="note"', Buffer.from("from in/a.bin")),
    part('name="file"; filename="a.bin"\r\ncontent-type: image/tiff', bytes),
    part('name="again"; filename="other.bin"\r\ncontent-type: application/octet-stream', bytes),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  expect(first?.bytes.equals(expected)).toBe(true);
  expect(first?.headers["content-length"]).toBe(String(expected.length));
});

test("a request that may have been carried out is not sent again, and its file is part of what it was", async () => {
  for (const { path } of files) await put(path, bytes);
  answer = (_request, response) => void response.socket?.destroy();
  const first = await run(define({ body: { file: { path: "{{files.path}}" } } }));
  expect(first.error).toMatchObject({ code: "REQUEST_UNRESOLVED" });
  expect(server.received).toHaveLength(2);
});

test("a service that knows idempotency keys gets the same key with the same bytes again", async () => {
  for (const { path } of files) await put(path, bytes);
  answer = (_request, response, received) =>
    received.length <= 2 ? void response.socket?.destroy() : answerJson(response, [{ id: 1 }]);
  const http = { body: { file: { path: "{{files.path}}" } }, ledger: { key: "Idempotency-Key" } };
  expect((await run(define(http))).error).toBeUndefined();
  const sent = server.received.map(({ headers, bytes: body }) => [headers["idempotency-key"], digest(body)]);
  expect([sent.length, new Set(sent.map(String)).size]).toEqual([4, 2]);
});

test("a file that is not there is told before anything is sent, and leads nowhere else", async () => {
  await put("in/a.bin", "1");
  const output = { dataset: "answers", mode: "append" } as const;
  const missing = await run(define({ body: { file: { path: "{{files.path}}" } } }, { output }));
  expect(missing.reason).toBe("partial");
  expect(server.received).toHaveLength(1);
  const away = await run(define({ body: { file: { path: "../outside" } } }));
  expect(away.error).toMatchObject({ code: "VALUE_INVALID" });
  expect(server.received).toHaveLength(1);
});

test("a plan names the file, and sends nothing", async () => {
  for (const { path } of files) await put(path, "12345");
  const job = define({ body: { file: { path: "{{files.path}}" } }, headers: { "x-md5": "{{upload.md5}}" } });
  await project.run(
    sqlJob({ name: "moving", inputs: [], sql: "select 'in/a.bin' as path", output: { dataset: "moved" } }),
  );
  const plan = JSON.stringify(await project.plan(job));
  expect(plan).toContain(digest(Buffer.from("12345")));
  expect(plan).toContain("the 5 bytes of in/a.bin");
  expect(server.received).toEqual([]);
});

test.each([
  [{ file: { path: "a" }, text: "b" }, "`body` of `source.http`"],
  [{ multipart: [{ name: "a" }] }, "`multipart[0]` of `source.http.body`"],
  [{ multipart: [{ name: "a", text: "b", file: { path: "c" } }] }, "`multipart[0]` of `source.http.body`"],
])("a body %j is refused when the job is defined", (body, option) => {
  expect(expectThrown(() => define({ body }), "JOB_INVALID").message).toContain(option);
});
