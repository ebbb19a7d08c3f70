// Browsers and programs get in, a page of another origin can do nothing, and access ends.
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Problem } from "../../../src/api/problem.ts";
import type { CreatedToken, Session, Ticket } from "../../../src/api/session.ts";
import { eventsPath } from "../../../src/api/routes.ts";
import { startServer } from "../../../src/server/http/start-server.ts";
import { hello } from "../../support/server/rest-jobs.ts";
import { startTestServer, type TestServer } from "../../support/server/test-server.ts";

const session = "/api/v1/session";

describe("a session", () => {
  it("is opened by the one-time token, once", async () => {
    await using test = await startTestServer({ auth: "one-time" });
    const token = test.server.oneTimeToken ?? "";
    const opened = await test.request("POST", session, { token: "", body: { token } });
    expect(opened.status).toBe(200);
    expect((await opened.json()) as Session).toMatchObject({ name: "local", role: "admin" });
    expect(test.server.oneTimeToken).toBeUndefined();
    const again = await test.request("POST", session, { token: "", body: { token } });
    expect(again.status).toBe(401);
    expect((await test.request("GET", session, { token })).status).toBe(401);
  });

  it("is made without being asked for only while the store has no admin's token", async () => {
    await using test = await startTestServer();
    expect(test.server.oneTimeToken).toBeUndefined();
  });

  it("lives in a cookie that scripts cannot read and other sites do not send", async () => {
    await using test = await startTestServer();
    const opened = await test.request("POST", session, { token: "", body: { token: test.tokens.operator } });
    const cookie = opened.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^millrace_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    expect(cookie).not.toContain(test.tokens.operator);
    const shown = await test.request("GET", session, { token: "", headers: { cookie: pairOf(cookie) } });
    expect((await shown.json()) as Session).toMatchObject({ name: "operator", role: "operator" });
  });

  it("is marked `Secure` and bound to the host behind a proxy that ends TLS", async () => {
    await using test = await startTestServer({ trustProxy: "127.0.0.1" });
    const headers = { "x-forwarded-proto": "https" };
    const opened = await test.request("POST", session, { token: "", body: { token: test.tokens.viewer }, headers });
    expect(opened.headers.get("set-cookie")).toMatch(/^__Host-millrace=.*; Secure$/);
  });

  it("does not believe a proxy that it was not told of", async () => {
    await using test = await startTestServer();
    const headers = { "x-forwarded-proto": "https" };
    const opened = await test.request("POST", session, { token: "", body: { token: test.tokens.viewer }, headers });
    expect(opened.headers.get("set-cookie")).not.toContain("Secure");
  });

  it("ends when it is closed", async () => {
    await using test = await startTestServer();
    const cookie = await login(test, test.tokens.viewer);
    const origin = test.url;
    const closed = await test.request("DELETE", session, { token: "", headers: { cookie, origin } });
    expect(closed.status).toBe(204);
    expect(closed.headers.get("set-cookie")).toContain("Max-Age=0");
    expect((await test.request("GET", session, { token: "", headers: { cookie } })).status).toBe(401);
  });
});

describe("a page of another origin", () => {
  it.each([
    ["another site", { origin: "http://evil.example" }],
    ["another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["no origin", { origin: "null" }],
    ["a form that hides its origin", { "sec-fetch-site": "cross-site" }],
    ["a browser that says nothing", {}],
  ])("changes nothing with the cookie of a session: %s", async (_, headers) => {
    await using test = await startTestServer({ definitions: [hello] });
    const cookie = await login(test, test.tokens.admin);
    const response = await test.request("POST", "/api/v1/jobs/hello/start", {
      token: "",
      body: {},
      headers: { cookie, ...headers },
    });
    expect(response.status).toBe(403);
    const runs = (await (await test.call("listRuns")).json()) as { readonly items: readonly unknown[] };
    expect(runs.items).toEqual([]);
  });

  it("is told from the server's own page, and from one that was allowed", async () => {
    await using test = await startTestServer({ definitions: [hello], allowedHosts: ["data.example.com"] });
    const cookie = await login(test, test.tokens.admin);
    const start = async (headers: Record<string, string>): Promise<number> =>
      (await test.request("POST", "/api/v1/jobs/hello/start", { token: "", body: {}, headers: { cookie, ...headers } }))
        .status;
    expect(await start({ origin: test.url })).toBe(200);
    expect(await start({ origin: "https://data.example.com" })).toBe(200);
    expect(await start({ origin: "https://data.example.com.evil.example" })).toBe(403);
  });

  it("cannot point its own name here", async () => {
    await using test = await startTestServer({ allowedHosts: ["data.example.com"] });
    const status = async (host: string): Promise<number> =>
      (await test.request("GET", "/api/v1/session", { headers: { host } })).status;
    const { port } = new URL(test.url);
    expect(await status(`rebind.example:${port}`)).toBe(421);
    expect(await status("127.0.0.1.evil.example")).toBe(421);
    expect(await status("data.example.com")).toBe(200);
    expect(await status(`localhost:${port}`)).toBe(200);
    expect(await status("[::1]:9")).toBe(200);
    expect(await status("a/b")).toBe(421);
    expect((await test.request("GET", "/healthz", { token: "", headers: { host: "rebind.example" } })).status).toBe(
      421,
    );
  });
});

describe("a WebSocket", () => {
  it("opens with a ticket, once", async () => {
    await using test = await startTestServer();
    const { ticket } = (await (await test.call("createTicket", { body: {} })).json()) as Ticket;
    expect(await upgrade(test, `?ticket=${ticket}`)).toBe(101);
    expect(await upgrade(test, `?ticket=${ticket}`)).toBe(401);
  });

  it("opens with a cookie from the server's own page alone", async () => {
    await using test = await startTestServer();
    const cookie = await login(test, test.tokens.viewer);
    expect(await upgrade(test, "", { cookie, origin: test.url })).toBe(101);
    expect(await upgrade(test, "", { cookie, origin: "http://evil.example" })).toBe(403);
    expect(await upgrade(test, "", { cookie })).toBe(403);
  });

  it("does not open without a token, nor with one in the query", async () => {
    await using test = await startTestServer();
    expect(await upgrade(test, "")).toBe(401);
    expect(await upgrade(test, `?token=${test.tokens.admin}`)).toBe(401);
    expect(await upgrade(test, "?ticket=guess")).toBe(401);
    expect(await upgrade(test, "", { authorization: `Bearer ${test.tokens.viewer}` })).toBe(101);
    expect(await upgrade(test, "", { authorization: `Bearer ${test.tokens.viewer}`, host: "evil.example" })).toBe(421);
  });
});

describe("a token", () => {
  it("is shown once, works, and ends with all that it opened when it is revoked", async () => {
    await using test = await startTestServer();
    const body = { name: "ci", role: "operator", expires_in: "1h" };
    const created = (await (await test.call("createToken", { body })).json()) as CreatedToken;
    expect(created.secret).toMatch(/^mlr_[0-9a-f]{24}_[\w-]{43}$/);
    const listed = await (await test.call("listTokens")).text();
    expect(listed).toContain('"ci"');
    expect(listed).not.toContain(created.secret.slice(-43));

    const cookie = await login(test, created.secret);
    const { ticket } = (await (await test.call("createTicket", { token: created.secret, body: {} })).json()) as Ticket;
    const socket = new WebSocket(`${test.url.replace("http", "ws")}${eventsPath}`, {
      headers: { authorization: `Bearer ${created.secret}` },
    });
    await once(socket, "open");
    const closed = once(socket, "close");

    expect((await test.call("revokeToken", { params: { token_id: created.token_id } })).status).toBe(204);
    expect((await closed)[0]).toBe(4401);
    expect((await test.request("GET", session, { token: created.secret })).status).toBe(401);
    expect((await test.request("GET", session, { token: "", headers: { cookie } })).status).toBe(401);
    expect(await upgrade(test, `?ticket=${ticket}`)).toBe(401);
    const shown = (await (await test.call("listTokens")).json()) as {
      items: { token_id: string; revoked_at: string }[];
    };
    expect(shown.items.find(({ token_id: id }) => id === created.token_id)?.revoked_at).toMatch(/Z$/);
  });

  it("is refused with a name that is taken or the server's own, and with a life that is too long", async () => {
    await using test = await startTestServer();
    for (const body of [
      { name: "admin", role: "viewer" },
      { name: "local", role: "viewer" },
      { name: "x", role: "viewer", expires_in: "366d" },
      { name: "x", role: "viewer", expires_in: "0s" },
      { name: "x", role: "root" },
      { name: "<script>", role: "viewer" },
    ]) {
      const { status } = await test.call("createToken", { body });
      expect({ body, status }).toEqual({ body, status: 400 });
    }
    expect((await test.call("revokeToken", { params: { token_id: "nobody" } })).status).toBe(404);
  });

  it("is not guessed: an address that fails often is refused for a while, who works there goes on", async () => {
    await using test = await startTestServer({ limits: { maxFailedLoginsPerMinute: 5 } });
    expect((await test.request("GET", session)).status).toBe(200);
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      statuses.push((await test.request("POST", session, { token: "", body: { token: `guess ${attempt}` } })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const refused = await test.request("GET", session, { token: test.tokens.viewer });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await test.request("GET", session)).status).toBe(200);
  });

  it("may ask only so often", async () => {
    await using test = await startTestServer({ limits: { maxRequestsPerMinute: 3 } });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) statuses.push((await test.request("GET", session)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const other = await test.request("GET", session, { token: test.tokens.viewer });
    expect(other.status).toBe(200);
    const problem = (await (await test.request("GET", session)).json()) as Problem;
    expect(problem).toMatchObject({ code: "TOO_MANY_REQUESTS", status: 429 });
  });
});

describe("a server without tokens", () => {
  it("listens on loopback only", async () => {
    await using test = await startTestServer({ auth: "off" });
    expect((await test.request("GET", session, { token: "" })).status).toBe(200);
    const { services, clock } = { services: test.fixture.services, clock: test.fixture.clock };
    await expect(startServer({ services, clock, port: 0, host: "0.0.0.0", auth: "off" })).rejects.toMatchObject({
      code: "SERVER_REFUSED",
    });
    const { port } = new URL(test.url);
    await expect(startServer({ services, clock, port: Number(port) })).rejects.toMatchObject({
      code: "SERVER_REFUSED",
    });
  });

  it("still refuses pages of other origins", async () => {
    await using test = await startTestServer({ auth: "off", definitions: [hello] });
    const headers = { origin: "http://evil.example" };
    const response = await test.request("POST", "/api/v1/jobs/hello/start", { token: "", body: {}, headers });
    expect(response.status).toBe(403);
  });
});

async function login(test: TestServer, token: string): Promise<string> {
  const opened = await test.request("POST", session, { token: "", body: { token } });
  return pairOf(opened.headers.get("set-cookie") ?? "");
}

function pairOf(cookie: string): string {
  return cookie.split(";")[0] ?? "";
}

/** The status that the attempt to open one is answered with. */
async function upgrade(test: TestServer, query: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(`${test.url.replace("http", "ws")}${eventsPath}${query}`, { headers });
  const { promise, resolve } = Promise.withResolvers<number>();
  socket.on("error", () => {});
  socket.on("open", () => resolve(101));
  socket.on("unexpected-response", (request, response) => {
    resolve(response.statusCode ?? 0);
    response.resume();
    request.destroy();
  });
  const status = await promise;
  if (status === 101) {
    const closed = once(socket, "close");
    socket.close();
    await closed;
  }
  return status;
}
