// Work that a service does before it has rows: created once, asked about without a worker, read as a whole, and deleted.
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { integrationJob, type IntegrationJobDefinition } from "../../../src/data/jobs/integration-job.ts";
import type { RemoteOptions } from "../../../src/data/sources/http/request-options.ts";
import type { HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import { createTestProject, type TestProject, type TestRun, type TestRunOptions } from "../../../src/testing.ts";
import { type Answer, PageServer, type Received } from "../../support/data/page-server.ts";
import { expectThrown } from "../../support/expect-thrown.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const folder = useTemporaryFolder("remote-jobs");
let project: TestProject;
let server: PageServer;
let service: Reports;
beforeEach(async () => {
  service = new Reports();
  server = await PageServer.start((request) => service.answer(request));
  project = await createTestProject();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** A service that makes reports; each test changes what it needs. */
class Reports {
  created = 0;
  /** Of a job, one for each time that it is asked; the last one stays. */
  states: readonly string[] = ["pending", "done"];
  create: (id: string) => Answer = (id) => ({ status: 201, body: { id } });
  status: (id: string, state: string) => Answer = (id, state) => ({
    body: { state, files: state === "done" ? [{ url: server.url(`/files/${id}-a`) }, { url: `/files/${id}-b` }] : [] },
  });
  file: (name: string) => Answer = (name) => ({ body: [{ file: name }] });
  cleanup: Answer = { status: 204 };
  readonly #asked = new Map<string, number>();

  answer({ method, path }: Received): Answer {
    const [, kind, id = ""] = path.split("/");
    if (kind === "files") return this.file(id);
    if (method === "DELETE") return this.cleanup;
    if (method === "POST") return this.create(String((this.created += 1)));
    const asked = this.#asked.get(id) ?? 0;
    this.#asked.set(id, asked + 1);
    return this.status(id, this.states[Math.min(asked, this.states.length - 1)] ?? "");
  }
}

interface Definition extends Partial<Pick<IntegrationJobDefinition, "inputs" | "watermark" | "output" | "checks">> {
  readonly remote?: Partial<RemoteOptions>;
  readonly http?: Partial<HttpSourceOptions>;
  readonly results?: string | false;
}

function define({ remote, http, results = "files.*.url", ...more }: Definition = {}): Job {
  return integrationJob({
    name: "reports",
    source: {
      http: {
        url: "{{remote.result}}",
        retry: { wait: "1ms" },
        remote: {
          create: { url: server.url("/reports"), body: { json: { kind: "calls" } } },
          status: {
            url: server.url("/reports/{{remote.id}}"),
            path: "state",
            is: ["done", "warning"],
            failed: "failed",
            expired: "expired",
            message: "error.text",
          },
          ...(results === false ? {} : { results }),
          cleanup: { url: server.url("/reports/{{remote.id}}") },
          ...remote,
        },
        ...http,
      },
    },
    wait: { every: "15m", timeout: "4h" },
    output: { dataset: "reports" },
    ...more,
  });
}

async function run(job: Job, options: TestRunOptions = {}): Promise<TestRun> {
  return await project.run(job, { onFailure: "return", ...options });
}

test("a job is created once, asked about without a worker, all of its results are read, and it is deleted", async () => {
  service.states = ["pending", "unheard of", "done"];
  const { error, output } = await run(define());
  expect(error).toBeUndefined();
  expect(output["reports"]).toEqual([{ file: "1-a" }, { file: "1-b" }]);
  expect(server.lines).toEqual([
    "POST /reports",
    ...Array.from({ length: 3 }, () => "GET /reports/1"),
    "GET /files/1-a",
    "GET /files/1-b",
    "DELETE /reports/1",
  ]);
  expect(server.requests[0]).toMatchObject({
    body: '{"kind":"calls"}',
    headers: { "idempotency-key": expect.any(String) },
  });
});

test("results have pages and formats as all answers have, here packed CSV", async () => {
  service.states = ["done"];
  service.file = (name) => ({
    body: gzipSync(`id,file\n1,${name}\n`),
    headers: {
      "content-type": "application/gzip",
      ...(name.endsWith("-a") ? { link: `<${server.url(`/files/${name}2`)}>; rel="next"` } : {}),
    },
  });
  const http = { read: { format: "csv", codec: "gzip" }, pagination: { kind: "link" } } as const;
  const { error, output } = await run(define({ http }));
  expect(error).toBeUndefined();
  expect(output["reports"]?.map(({ file }) => file)).toEqual(["1-a", "1-a2", "1-b"]);
});

test("an identifier out of a header, and fields of the answers, are variables of further requests", async () => {
  service.create = () => ({
    status: 201,
    headers: { location: "/syncs/148", "content-type": "text/plain" },
  });
  service.states = ["done"];
  const id = { header: "Location", match: "/syncs/([0-9]+)$" };
  const read = { values: { job: "{{remote.id}}", state: "{{remote.status.state}}" } };
  const job = define({
    remote: { create: { url: server.url("/reports"), id } },
    http: { read },
  });
  const { error, output } = await run(job);
  expect(error).toBeUndefined();
  expect(output["reports"]?.[0]).toEqual({ file: "148-a", job: "148", state: "done" });
});

test("without `results` the request of the source is sent once", async () => {
  const { error } = await run(define({ results: false, http: { url: server.url("/files/{{remote.id}}") } }));
  expect(error).toBeUndefined();
  expect(server.lines.filter((line) => line.includes("/files"))).toEqual(["GET /files/1"]);
});

test("an attempt that dies after it has created the job leaves it to the next one, and none is created twice", async () => {
  service.states = ["done"];
  let dies = 1;
  service.status = (id, state) =>
    (dies -= 1) >= 0
      ? { status: 429, headers: { "retry-after": "600" } }
      : { body: { state, files: [{ url: `/files/${id}` }] } };
  const { error, attempts, output } = await run(define());
  expect(error).toBeUndefined();
  expect(attempts).toHaveLength(2);
  expect(service.created).toBe(1);
  expect(output["reports"]).toEqual([{ file: "1" }]);
});

test("a job that nobody knows to be created is not created again", async () => {
  service.create = () => ({ body: '{"id":', isCut: true });
  const { error } = await run(define());
  expect(error).toMatchObject({ code: "REQUEST_UNRESOLVED" });
  expect(server.lines).toEqual(["POST /reports"]);
});

const accounts = { accounts: { role: "activation", values: ["a", "b", "c", "d", "e"] } } as const;

test("several units have jobs of their own, of which the service works on no more than `limit` at once", async () => {
  const open = new Set<string>();
  let most = 0;
  service.create = (id) => {
    most = Math.max(most, open.add(id).size);
    return { body: { id } };
  };
  service.states = ["pending", "active", "done"];
  service.status = (id, state) => {
    if (state === "done") open.delete(id);
    return { body: { state, files: [{ url: `/files/${id}` }] } };
  };
  const create = { url: server.url("/reports"), body: { json: { account: "{{accounts.value}}" } } };
  const read = { values: { account: "{{accounts.value}}" } };
  const { error, output } = await run(define({ inputs: accounts, remote: { create, limit: 2 }, http: { read } }));
  expect(error).toBeUndefined();
  expect([most, service.created]).toEqual([2, 5]);
  expect(output["reports"]?.map(({ account }) => account).toSorted()).toEqual(["a", "b", "c", "d", "e"]);
  expect(server.lines.filter((line) => line.startsWith("DELETE"))).toHaveLength(5);
});

test("a unit whose job fails leaves the others, and is there for the next run", async () => {
  service.states = ["done"];
  service.status = (id) => ({
    body:
      id === "2"
        ? { state: "failed", error: { text: "no such account" } }
        : { state: "done", files: [{ url: `/files/${id}` }] },
  });
  const job = define({
    inputs: accounts,
    watermark: { kind: "units" },
    output: { dataset: "reports", mode: "append" },
    remote: { create: { url: server.url("/reports"), body: { json: { account: "{{accounts.value}}" } } } },
  });
  const first = await run(job);
  expect(first.output["reports"]).toHaveLength(4);
  const second = await run(job);
  expect(second.error).toBeUndefined();
  expect(service.created).toBe(6);
  expect(second.output["reports"]).toHaveLength(5);
});

test.each<[string, () => void, string, string, readonly string[]]>([
  [
    "an answer without an identifier",
    () => (service.create = () => ({ body: { jobId: 7 } })),
    "SOURCE_UNREADABLE",
    "creating its remote job: field `id`, which identifies the job, has no value",
    ["POST /reports"],
  ],
  [
    "an answer that is not JSON",
    () => (service.create = () => ({ body: "<html>", headers: { "content-type": "text/html" } })),
    "SOURCE_UNREADABLE",
    "it answered 200; its answer could not be read: creating its remote job: the answer is not JSON",
    ["POST /reports"],
  ],
  [
    "results that are missing",
    () => (service.status = () => ({ body: { state: "done" } })),
    "SOURCE_UNREADABLE",
    "the remote job is done, and `files.*.url`, where its results are, is not there",
    ["POST /reports", "GET /reports/1", "DELETE /reports/1"],
  ],
  [
    "a result that is null",
    () => (service.status = () => ({ body: { state: "done", files: [{ url: null }] } })),
    "SOURCE_UNREADABLE",
    "is not there",
    ["POST /reports", "GET /reports/1", "DELETE /reports/1"],
  ],
  [
    "a result that comes twice",
    () =>
      (service.status = () => ({
        body: { state: "done", files: [{ url: "/files/1" }, { url: server.url("/files/1") }] },
      })),
    "SOURCE_UNREADABLE",
    "names a result twice",
    ["POST /reports", "GET /reports/1", "DELETE /reports/1"],
  ],
  [
    "a result that is elsewhere",
    () => (service.status = () => ({ body: { state: "done", files: [{ url: "http://127.0.0.1:1/files" }] } })),
    "REDIRECT_REFUSED",
    "page 1: the address of the result leads from",
    ["POST /reports", "GET /reports/1", "DELETE /reports/1"],
  ],
  [
    "a job that fails",
    () => (service.status = () => ({ body: { state: "failed", error: { text: "the query is wrong" } } })),
    "REMOTE_JOB_FAILED",
    'status of its remote job: the service has failed, `state` is `"failed"`: the query is wrong',
    ["POST /reports", "GET /reports/1", "DELETE /reports/1"],
  ],
  [
    "a list of results that is empty",
    () => (service.status = () => ({ body: { state: "done", files: [] } })),
    "SOURCE_EMPTY",
    "no row came for dataset `reports`",
    ["POST /reports", "GET /reports/1", "DELETE /reports/1"],
  ],
  [
    "one of two results that is broken",
    () => (service.file = (name) => ({ body: name.endsWith("b") ? { error: "x" } : [{ id: 1 }] })),
    "SOURCE_UNREADABLE",
    "result 2, page 1",
    ["POST /reports", "GET /reports/1", "GET /files/1-a", "GET /files/1-b", "DELETE /reports/1"],
  ],
])("%s is an error, publishes nothing, and the job is deleted", async (_name, given, code, message, lines) => {
  service.states = ["done"];
  given();
  const { error, output } = await run(define());
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  expect(output["reports"]).toBeUndefined();
  expect(server.lines).toEqual(lines);
});

test.each<[string, () => void]>([
  ["a status 404", () => (service.status = (id) => (id === "1" ? { status: 404 } : done(id)))],
  ["a state", () => (service.status = (id) => (id === "1" ? { body: { state: "expired" } } : done(id)))],
  [
    "results that are gone",
    () => (service.file = (name) => (name.startsWith("1") ? { status: 410 } : { body: [{ file: name }] })),
  ],
])("a job that has expired, by %s, is created again once", async (_name, given) => {
  service.states = ["done"];
  given();
  const { error, output } = await run(define());
  expect(error).toBeUndefined();
  expect(service.created).toBe(2);
  expect(output["reports"]?.[0]).toEqual({ file: expect.stringContaining("2") });
  expect(server.lines.at(-1)).toBe("DELETE /reports/2");
});

test("a job that expires twice is an error, whatever is gone", async () => {
  service.states = ["done"];
  service.status = () => ({ status: 404 });
  expect((await run(define())).error).toMatchObject({ code: "REMOTE_JOB_EXPIRED" });
  service.status = (id) => done(id);
  service.file = () => ({ status: 404 });
  expect((await run(define())).error).toMatchObject({ code: "REMOTE_JOB_EXPIRED" });
  expect(service.created).toBe(4);
});

test("a job that is never done ends at the timeout, and is deleted", async () => {
  service.states = ["pending"];
  expect((await run(define())).error).toMatchObject({ code: "WAIT_TIMED_OUT" });
  expect(server.lines.at(-1)).toBe("DELETE /reports/1");
  expect(service.created).toBe(1);
});

test("a service that fails once between two questions is asked again", async () => {
  let failures = 1;
  const { status } = service;
  service.status = (id, state) => ((failures -= 1) >= 0 ? { status: 500 } : status(id, state));
  expect((await run(define())).error).toBeUndefined();
});

test("a job that cannot be deleted is a warning, and one that is gone already is fine", async () => {
  service.states = ["done"];
  service.cleanup = { status: 404 };
  expect((await run(define())).logs.filter(({ level }) => level === "warn")).toEqual([]);
  service.cleanup = { status: 403 };
  const { error, logs } = await run(define());
  expect(error).toBeUndefined();
  expect(logs.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
    expect.stringContaining("the remote job was not deleted"),
  ]);
});

test("credentials go with every request but those to an origin that is only listed", async () => {
  service.states = ["done"];
  await using files = await PageServer.start(() => ({ body: [{ file: "elsewhere" }] }));
  service.status = () => ({ body: { state: "done", files: [{ url: files.url("/x?sig=1") }] } });
  const job = define({ http: { auth: { bearer: "canary-of-reports" }, origins: [files.url("")] } });
  expect((await run(job)).error).toBeUndefined();
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(
    Array.from({ length: 3 }, () => "Bearer canary-of-reports"),
  );
  expect(files.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test("a run that was recorded is played back without the service", async () => {
  const tape = join(folder(), "reports");
  await using recording = await createTestProject({ record: tape });
  await recording.run(define());
  await recording[Symbol.asyncDispose]();
  const sent = server.requests.length;
  await using playing = await createTestProject({ playback: tape });
  const { output } = await playing.run(define());
  expect(output["reports"]).toEqual([{ file: "1-a" }, { file: "1-b" }]);
  expect(server.requests).toHaveLength(sent);
});

test("the plan has the request that creates the job, and says what follows", async () => {
  const [planned] = await project.plan(define());
  expect(planned?.plan?.source).toMatchObject({
    reads: [{ request: { method: "POST", address: server.url("/reports"), body: '{"kind":"calls"}' } }],
    then: `then asks ${server.url("/reports/{{remote.id}}")} until \`state\` is done or warning, reads every result in \`files.*.url\`, and deletes the job when that is published`,
  });
  expect(server.requests).toEqual([]);
});

test("an input that is named as the variables of the job are is refused before anything is sent", async () => {
  const { error } = await run(define({ inputs: { remote: { role: "activation", values: ["a"] } } }));
  expect(error).toMatchObject({ code: "JOB_INVALID" });
  expect(server.requests).toEqual([]);
});

test("what cannot be is refused when the job is defined", () => {
  const create = { url: server.url("/reports") };
  const refusals = [
    () => define({ http: { url: server.url("/files") } }),
    () => define({ http: { ledger: false } }),
    () => define({ http: { ready: { path: "state", is: "done" } } }),
    () => define({ remote: { create: { ...create, id: { path: "id", header: "x-id" } } } }),
    () => define({ remote: { create: { ...create, id: { path: "id", match: "[0-9]+" } } } }),
    () => define({ remote: { create: { ...create, method: "GET", body: { text: "x" } } } }),
    () => define({ remote: { limit: 0 } }),
    () => {
      const { source } = {
        source: { http: { url: "{{remote.result}}", remote: { create, status: { ...create, path: "s", is: "x" } } } },
      };
      return integrationJob({ name: "reports", source, output: { dataset: "reports" } });
    },
  ];
  for (const refused of refusals) expectThrown(refused, "JOB_INVALID");
});

function done(id: string): Answer {
  return { body: { state: "done", files: [{ url: `/files/${id}` }] } };
}
