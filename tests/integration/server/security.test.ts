// A hostile or broken client gets a clear answer of the 4xx kind, and the server goes on.
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/api/problem.ts";
import { startServer } from "../../../src/server/http/start-server.ts";
import { hello, holds } from "../../support/server/rest-jobs.ts";
import { startTestServer, type TestServer } from "../../support/server/test-server.ts";

const start = "/api/v1/jobs/hello/start";

describe("a body", () => {
  const deep = `{"params":${'{"a":'.repeat(100)}1${"}".repeat(100)}}`;
  it.each<[string, string, number, Record<string, string>?]>([
    ["that is no JSON", "{params", 400],
    ["that is no object", "[1]", 400],
    ["that is null", "null", 400],
    ["with an unknown field", '{"parms":{}}', 400],
    ["with fields of the wrong kind", '{"force":"yes"}', 400],
    ["nested too deep", deep, 400],
    ["nested far too deep", "[".repeat(500_000), 400],
    ["with `__proto__`", '{"params":{"__proto__":{"role":"admin"}}}', 400],
    ["with `constructor`", '{"params":{"constructor":{"prototype":{}}}}', 400],
    ["with a NUL", '{"reason":"a\\u0000b"}', 400],
    ["with half a character", '{"reason":"\\ud800"}', 400],
    ["with a number beyond numbers", '{"params":{"n":1e999}}', 400],
    ["with a mask in place of a secret", '{"params":{"password":"[masked]"}}', 400],
    ["with a reason that is too long", JSON.stringify({ reason: "x".repeat(501) }), 400],
    ["that is too large", JSON.stringify({ params: { text: "x".repeat(1_100_000) } }), 413],
    ["that is a form", "force=true", 415, { "content-type": "application/x-www-form-urlencoded" }],
    ["that is text", "{}", 415, { "content-type": "text/plain" }],
    ["of a type that is none", "{}", 415, { "content-type": "json" }],
  ])("%s is refused", async (_, body, status, headers) => {
    await using test = await startTestServer({ definitions: [hello] });
    const response = await test.request("POST", start, { body, ...(headers === undefined ? {} : { headers }) });
    const problem = (await response.json()) as Problem;
    expect(problem).toMatchObject({ status, code: "REQUEST_INVALID" });
    expect(response.status).toBe(status);
    expect(problem.request_id).toBe(response.headers.get("x-request-id"));
    expect(JSON.stringify(problem)).not.toMatch(/node_modules|src\/|\bat async /);
    expect((await test.request("POST", start, { body: {} })).status).toBe(200);
  });

  it("is told what is wrong with it, by place", async () => {
    await using test = await startTestServer({ definitions: [hello] });
    const response = await test.request("POST", start, { body: { force: 1, nope: 2 } });
    const { issues = [] } = (await response.json()) as Problem;
    expect(issues.map(({ path }) => path).toSorted()).toEqual(["body.force", "body.nope"]);
  });
});

describe("an address", () => {
  it.each<[string, string, string, number, string]>([
    ["nobody knows", "GET", "/api/v1/nope", 404, "ROUTE_UNKNOWN"],
    ["of another case", "GET", "/API/v1/runs", 404, "ROUTE_UNKNOWN"],
    ["with a slash too many", "GET", "/api/v1/runs/", 400, "REQUEST_INVALID"],
    ["that tries to climb", "GET", "/api/v1/../../etc/passwd", 404, "ROUTE_UNKNOWN"],
    ["that tries to climb in disguise", "GET", "/api/v1/jobs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404, "JOB_UNKNOWN"],
    ["that is not well-formed", "GET", "/api/v1/jobs/%E0%A4%A", 400, "REQUEST_INVALID"],
    ["with a NUL", "GET", "/api/v1/jobs/a%00b", 400, "REQUEST_INVALID"],
    ["of a job named `__proto__`", "GET", "/api/v1/jobs/__proto__", 404, "JOB_UNKNOWN"],
    ["of a job named `constructor`", "GET", "/api/v1/jobs/constructor", 404, "JOB_UNKNOWN"],
    ["of a run that is none", "GET", "/api/v1/runs/42;drop%20table%20run", 400, "REQUEST_INVALID"],
    ["of a run that does not exist", "GET", "/api/v1/runs/r999999", 404, "RUN_UNKNOWN"],
    ["with an unknown filter", "GET", "/api/v1/runs?stat=ERROR", 400, "REQUEST_INVALID"],
    ["with a filter given twice", "GET", "/api/v1/runs?job=a&job=b", 400, "REQUEST_INVALID"],
    ["with `__proto__` as a filter", "GET", "/api/v1/runs?__proto__=a", 400, "REQUEST_INVALID"],
    ["with a limit beyond limits", "GET", "/api/v1/runs?limit=501", 400, "REQUEST_INVALID"],
    ["asked with another method", "DELETE", "/api/v1/runs", 405, "ROUTE_UNKNOWN"],
    ["asked for its options", "OPTIONS", "/api/v1/runs", 405, "ROUTE_UNKNOWN"],
    ["asked with a method of its own", "PATCH", "/api/v1/runs/r1", 405, "ROUTE_UNKNOWN"],
    ["with a name that is too long", "GET", `/api/v1/jobs/${"x".repeat(900)}`, 400, "REQUEST_INVALID"],
    ["with a name that is far too long", "GET", `/api/v1/jobs/${"x".repeat(8_000)}`, 414, "REQUEST_INVALID"],
    ["that is too long", "GET", `/api/v1/runs?q=${"x".repeat(20_000)}`, 431, "REQUEST_INVALID"],
  ])("%s is refused", async (_, method, path, status, code) => {
    await using test = await startTestServer({ definitions: [hello] });
    const response = await test.request(method, path);
    expect({ status: response.status, type: response.headers.get("content-type") }).toEqual({
      status,
      type: "application/problem+json; charset=utf-8",
    });
    expect((await response.json()) as Problem).toMatchObject({ status, code });
  });

  it("names the methods that it takes", async () => {
    await using test = await startTestServer();
    const response = await test.request("DELETE", "/api/v1/jobs/hello/watermarks");
    expect(response.headers.get("allow")).toBe("GET, PUT");
    expect((await test.request("HEAD", "/api/v1/runs")).status).toBe(405);
  });
});

describe("an answer", () => {
  it("tells browsers to keep, sniff, frame and run nothing", async () => {
    await using test = await startTestServer();
    const { headers } = await test.request("GET", "/api/v1/session");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("server")).toBeNull();
  });

  it("says nothing of what went wrong inside but the id under which the log has it", async () => {
    await using test = await startTestServer({ definitions: [hello] });
    const { store } = test.fixture;
    store.findRun = () => Promise.reject(new Error("disk /var/lib/millrace/store.db is on fire"));
    const response = await test.request("GET", "/api/v1/runs/r1");
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain("fire");
    const { request_id: id } = JSON.parse(text) as Problem;
    expect(test.logLines.some((line) => line.includes(id) && line.includes("is on fire"))).toBe(true);
  });
});

describe("a connection", () => {
  it("that sends its headers too slowly is ended", async () => {
    await using test = await startTestServer({ limits: { headersTimeoutMs: 300, requestTimeoutMs: 600 } });
    const answer = await talk(test, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    expect(answer).toContain("HTTP/1.1 408 Request timeout");
    expect(answer).toContain('"code":"REQUEST_INVALID"');
  });

  it("that sends its body too slowly is ended", async () => {
    await using test = await startTestServer({ limits: { headersTimeoutMs: 300, requestTimeoutMs: 600 } });
    const head = `POST ${start} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${test.tokens.admin}\r\n`;
    const answer = await talk(test, `${head}Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{`);
    expect(answer).toContain("408");
  });

  it("that speaks something else is told so", async () => {
    await using test = await startTestServer();
    expect(await talk(test, "\x16\x03\x01 hello\r\n\r\n")).toContain("HTTP/1.1 400 Bad request");
    expect(await talk(test, `GET /healthz HTTP/1.1\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`)).toContain("431");
  });
});

describe("a request that two programs would read in two ways", () => {
  it.each([
    ["Host: localhost\r\nHost: localhost", "/healthz"],
    ["Host: localhost\r\nhOsT: 127.0.0.1", "/api/v1/session"],
    ["Host: 127.0.0.1\r\nX-Other: 1\r\nHOST: evil.example", "/"],
  ])("%j is refused", async (hosts, path) => {
    await using test = await startTestServer();
    const answer = await talk(test, `GET ${path} HTTP/1.1\r\n${hosts}\r\nConnection: close\r\n\r\n`);
    expect(answer).toContain("HTTP/1.1 400");
    expect(answer).toContain("expected one `Host` header");
  });

  it.each(["utf-16", "UTF-16LE", "iso-8859-1", '"latin1"'])("JSON in %s is refused", async (charset) => {
    await using test = await startTestServer({ definitions: [hello] });
    const head = `POST /api/v1/jobs/hello/start HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${test.tokens.admin}\r\n`;
    const type = `Content-Type: application/json; charset=${charset}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
    expect(await talk(test, head + type)).toContain("HTTP/1.1 415");
  });

  it.each(["utf-8", "UTF-8", '"utf8"'])("JSON in %s is taken", async (charset) => {
    await using test = await startTestServer({ definitions: [hello] });
    const head = `POST /api/v1/jobs/hello/start HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${test.tokens.admin}\r\n`;
    const type = `Content-Type: application/json; charset=${charset}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
    expect(await talk(test, head + type)).toContain("HTTP/1.1 200");
  });
});

describe("a thousand requests at once", () => {
  it("are all answered", async () => {
    await using test = await startTestServer({ definitions: [hello] });
    const paths = ["/api/v1/session", "/api/v1/runs", "/api/v1/jobs", "/api/v1/orchestrator", "/healthz"];
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => test.request("GET", paths[index % paths.length] ?? "/")),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe("a server that stops", () => {
  it("finishes what it has begun, and takes no more", async () => {
    await using test = await startTestServer({ definitions: [holds] });
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const { store } = test.fixture;
    const submit = store.submit.bind(store);
    store.submit = async (submission) => {
      begun.resolve();
      await goOn.promise;
      return await submit(submission);
    };
    const answer = test.request("POST", "/api/v1/jobs/holds/start", { body: {} });
    await begun.promise;
    const closed = test.server.close();
    await expect(test.request("GET", "/healthz")).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
    goOn.resolve();
    expect((await answer).status).toBe(200);
    await closed;
    expect(await store.listAudit({ limit: 5 })).toMatchObject([{ action: "startJob", outcome: "allowed" }]);
  });

  it("ends what takes longer than its grace", async () => {
    await using test = await startTestServer({ graceMs: 50 });
    const begun = Promise.withResolvers<void>();
    test.fixture.store.findRun = () => {
      begun.resolve();
      return new Promise(() => {});
    };
    const failure = test.request("GET", "/api/v1/runs/r1").catch(String);
    await begun.promise;
    await test.server.close();
    expect(await failure).toMatch(/socket hang up|ECONNRESET/);
  });

  it("can be followed by another at the same address", async () => {
    await using test = await startTestServer();
    const port = Number(new URL(test.url).port);
    await test.server.close();
    const { services, clock } = test.fixture;
    const next = await startServer({ services, clock, port, logLevel: "silent" });
    expect(next.url).toBe(test.url);
    await next.close();
  });
});

/** All that the server says until it ends the connection. */
async function talk(test: TestServer, text: string): Promise<string> {
  const socket = connect(Number(new URL(test.url).port), "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk: Buffer) => {
    heard += chunk.toString();
  });
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return heard;
}
