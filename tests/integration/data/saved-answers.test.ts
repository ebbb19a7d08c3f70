// Files out of answers of a service, and files of a listing, taken as they are by jobs that run in units.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { integrationJob, type IntegrationJobDefinition } from "../../../src/data/jobs/integration-job.ts";
import type { HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import { createTestProject, type TestProject, type TestRun } from "../../../src/testing.ts";
import { expectThrown } from "../../support/expect-thrown.ts";
import { S3Server } from "../../support/files/s3-server.ts";
import { type Behaviour, startBehavingServer } from "../../support/http/behaving-server.ts";
import { closeAfterEach } from "../../support/http/close-after-each.ts";

const closeLater = closeAfterEach();
let project: TestProject;
let lake: S3Server;
beforeEach(async () => {
  lake = await S3Server.start();
  project = await createTestProject({ connections: { lake: lake.connection } });
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await lake[Symbol.asyncDispose]();
});

const bytes = randomBytes(100_000);

function md5(content: Uint8Array): string {
  return createHash("md5").update(content).digest("base64");
}

async function fetchFile(
  behaviour: Behaviour,
  { read, ...http }: Partial<HttpSourceOptions> = {},
  more: Partial<IntegrationJobDefinition> = {},
): Promise<TestRun> {
  const { origin } = closeLater(await startBehavingServer(behaviour));
  const job = integrationJob({
    name: "reports",
    source: {
      http: {
        url: `${origin}/reports/day.pdf`,
        retry: { attempts: 2, wait: "1ms" },
        ...http,
        ...(http.url === undefined ? {} : { url: `${origin}${http.url}` }),
        read: { format: "file", save: { path: "got" }, ...read },
      },
    },
    output: { dataset: "reports" },
    ...more,
  });
  return await project.run(job, { onFailure: "return" });
}

function got(name: string): Buffer {
  return readFileSync(join(project.root, "got", name));
}

test("an answer is a file, byte by byte, under the name that the service gives it", async () => {
  const { error, output } = await fetchFile((_request, response) => {
    response.writeHead(200, {
      "content-type": "application/pdf",
      "content-disposition": "attachment; filename=\"C:\\reports\\x.pdf\"; filename*=UTF-8''j%C3%A4n%20uar.pdf",
      "content-md5": md5(bytes),
      "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
      etag: 'W/"v7"',
    });
    response.end(bytes);
  });
  expect(error).toBeUndefined();
  expect(output["reports"]).toMatchObject([
    { name: "jän uar.pdf", size: 100_000n, etag: "v7", location: "got/jän uar.pdf" },
  ]);
  expect(got("jän uar.pdf")).toEqual(bytes);
});

test("without a name of its own it has that of its address", async () => {
  await fetchFile((_request, response) => void response.writeHead(200, { "content-length": 3 }).end("pdf"));
  expect(got("day.pdf").toString()).toBe("pdf");
});

test.each([
  ["content-md5", md5(Buffer.from("others"))],
  ["repr-digest", `sha-256=:${createHash("sha256").update("others").digest("base64")}:`],
])("bytes that are not those of `%s` are asked for again, and then refused", async (header, value) => {
  let asked = 0;
  const { error } = await fetchFile((_request, response) => {
    asked += 1;
    response.writeHead(200, { [header]: value }).end(bytes);
  });
  expect(error).toMatchObject({ code: "CHECKSUM_MISMATCH", disposition: "retry" });
  expect(asked).toBeGreaterThan(1);
  expect(existsSync(join(project.root, "got"))).toBe(false);
});

test("an answer that is cut, that nothing ends, or that is a page of HTML is no file", async () => {
  const answers: readonly (readonly [Behaviour, string])[] = [
    [
      (_request, response) =>
        void response.writeHead(200, { "content-length": 10 }).write("12345", () => response.destroy()),
      "RESPONSE_TRUNCATED",
    ],
    [
      (_request, { socket }) => void socket?.end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n12345"),
      "RESPONSE_TRUNCATED",
    ],
    [
      (_request, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>log in"),
      "SOURCE_UNREADABLE",
    ],
  ];
  for (const [behaviour, code] of answers) expect((await fetchFile(behaviour)).error).toMatchObject({ code });
  expect(existsSync(join(project.root, "got"))).toBe(false);
});

test("units and answers have names of their own, and a unit that fails leaves the others", async () => {
  const inputs = { days: { role: "activation", values: ["mon", "tue", "wed"] } } as const;
  const pages: Behaviour = ({ path }, response) => {
    if (path.startsWith("/tue")) return void response.writeHead(404).end();
    const next = path.endsWith("?p=2") ? {} : { link: `<${path}?p=2>; rel="next"` };
    response.writeHead(200, { "content-type": "application/pdf", ...next }).end(path);
  };
  const save = { path: "got/{{days.value}}", name: "part-{{page.number}}.pdf" };
  const http = { url: "/{{days.value}}", pagination: { kind: "link" } as const, read: { save } };
  const { reason, output } = await fetchFile(pages, http, { inputs, output: { dataset: "reports", mode: "append" } });
  expect(reason).toBe("partial");
  expect(
    (output["reports"] ?? []).map(({ location }) => String(location)).toSorted((a, b) => (a < b ? -1 : 1)),
  ).toEqual(["got/mon/part-1.pdf", "got/mon/part-2.pdf", "got/wed/part-1.pdf", "got/wed/part-2.pdf"]);
  expect(got("wed/part-2.pdf").toString()).toBe("/wed?p=2");
});

test("files of a listing are moved once over runs that are capped, and again when they have changed", async () => {
  const listing = integrationJob({
    name: "listing",
    source: { file: { connection: "lake", path: "in/**", list: true } },
    output: { dataset: "files" },
  });
  const job = integrationJob({
    name: "moving",
    inputs: { files: { dataset: "files", role: "activation", key: "path", changedOnly: { field: "etag" } } },
    maxUnitsPerRun: 2,
    source: {
      file: {
        connection: "lake",
        path: "{{files.path}}",
        format: "file",
        save: { connection: "lake", path: "raw", from: "in", over: "replace", md5: "{{files.etag}}" },
      },
    },
    onEmpty: "ok",
    output: { dataset: "moved", mode: "merge", key: ["path"] },
  });
  for (const name of ["a/1", "a/2", "b/1", "b/2", "c"]) lake.put(`in/${name}`, name);
  await project.run(listing);
  for (let count = 0; count < 3; count += 1) await project.run(job);
  const moved = (): string[] => [...lake.objects.keys()].filter((key) => key.startsWith("raw/")).toSorted();
  expect(moved()).toEqual(["raw/a/1", "raw/a/2", "raw/b/1", "raw/b/2", "raw/c"]);
  lake.put("in/b/1", "changed");
  await project.run(listing);
  await project.run(job);
  expect(lake.text("raw/b/1")).toBe("changed");
  expect(await project.query("select count(*)::int as n from moved", ["moved"])).toEqual([{ n: 5 }]);
});

test("a sample shows what would be moved, and moves nothing", async () => {
  lake.put("in/a", "1");
  const source = { file: { connection: "lake", path: "in/*", format: "file", save: { path: "got" } } } as const;
  const job = integrationJob({ name: "moving", source, output: { dataset: "moved" } });
  expect((await project.run(job, { sampleRows: 1 })).result).toMatchObject({ rows: 1 });
  expect(existsSync(join(project.root, "got"))).toBe(false);
});

test.each([
  [{ format: "file" }, "`save` of `source.file`"],
  [{ save: { path: "out" } }, "`format` of `source.file`"],
  [{ format: "file", save: { path: "{{out" } }, "`source.file.save.path`"],
  [{ format: "file", encoding: "latin1", save: { path: "out" } }, "`encoding` of `source.file`"],
])("%j is refused when the job is defined", (said, option) => {
  const file = { path: "in/*", ...said } as never;
  const error = expectThrown(
    () => integrationJob({ name: "moving", source: { file }, output: { dataset: "moved" } }),
    "JOB_INVALID",
  );
  expect(error.message).toContain(option);
});
