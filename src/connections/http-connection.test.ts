import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import {
  answerJson,
  type Behaviour,
  type BehavingServer,
  startBehavingServer,
} from "../../tests/support/http/behaving-server.ts";
import { closeAfterEach } from "../../tests/support/http/close-after-each.ts";
import { MemoryConnectionStore } from "../../tests/support/http/memory-connection-store.ts";
import { rotatingTokens } from "../../tests/support/http/rotating-tokens.ts";
import { expectFailure } from "../../tests/support/expect-failure.ts";
import type { HttpConnectionOptions } from "../core/connection/connection-options.ts";
import type { Resolved } from "../core/connection/secret.ts";
import { type ConnectionServices, HttpConnection } from "./http-connection.ts";

const closeLater = closeAfterEach();

async function givenServer(behaviour: Behaviour): Promise<BehavingServer> {
  return closeLater(await startBehavingServer(behaviour));
}

interface Scene {
  readonly clock: { nowMs: number };
  readonly secrets: string[];
  readonly connect: (options: Resolved<HttpConnectionOptions>, holder?: string) => HttpConnection;
}

function givenScene(): Scene {
  const clock = { nowMs: Date.UTC(2026, 10, 21, 10) };
  const secrets: string[] = [];
  const store = new MemoryConnectionStore(() => clock.nowMs);
  const services: Omit<ConnectionServices, "holder"> = {
    store,
    seal: { seal: (secret) => btoa(secret), open: (sealed) => atob(sealed) },
    clock: {
      now: () => clock.nowMs,
      sleep: async (ms) => {
        await new Promise((resolve) => setImmediate(resolve));
        clock.nowMs += ms;
      },
    },
    onSecret: (secret) => void secrets.push(secret),
  };
  return {
    clock,
    secrets,
    connect: (options, holder = "a") => closeLater(new HttpConnection("crm", options, { ...services, holder })),
  };
}

async function get(
  connection: HttpConnection,
  url: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const { status, body } = await connection.send({ method: "GET", url });
  return { status, body: await text(body) };
}

test.each([
  ["basic", { basic: { user: "me", password: "canary" } }, "authorization", `Basic ${btoa("me:canary")}`],
  ["bearer", { bearer: "canary" }, "authorization", "Bearer canary"],
  ["an API key in a header", { apiKey: { header: "X-Key", value: "canary" } }, "x-key", "canary"],
  [
    "a signature",
    { sign: ({ method }: { method: string }) => ({ "x-sign": `${method} canary` }) },
    "x-sign",
    "GET canary",
  ],
] as const)("%s goes with each request", async (_, auth, header, value) => {
  const server = await givenServer((_request, response) => void response.end());
  await get(givenScene().connect({ baseUrl: server.origin, auth }), "/x");
  expect(server.received[0]?.headers[header]).toBe(value);
});

test("an API key in the query is in no message and in no address that is shown", async () => {
  const server = await givenServer((_request, response) => void response.end());
  const connection = givenScene().connect({
    baseUrl: server.origin,
    auth: { apiKey: { query: "k", value: "canary" } },
  });
  const response = await connection.send({ method: "GET", url: "/x?page=1" });
  expect([server.received[0]?.path, response.address]).toEqual([
    "/x?page=1&k=canary",
    `${server.origin}/x?page=1&k=[masked]`,
  ]);
  await server[Symbol.asyncDispose]();
  const error = await expectFailure(connection.send({ method: "GET", url: "/x" }));
  expect(JSON.stringify([error.message, error.details, error.hint])).not.toContain("canary");
});

test("an extraction that outlives its token goes on at the same page, and all workers renew it once", async () => {
  const tokens = rotatingTokens();
  const server = await givenServer(tokens.behaviour);
  const { connect } = givenScene();
  const auth = { refreshToken: { tokenUrl: `${server.origin}/token`, clientId: "me", refreshToken: "refresh-0" } };
  const workers = ["a", "b"].map((holder) => connect({ baseUrl: server.origin, auth }, holder));
  const pages: string[] = [];
  for (let page = 1; page <= 6; page += 1) {
    if (page === 4) tokens.expire();
    for (const { body } of await Promise.all(workers.map((worker) => get(worker, `/rows?page=${page}`))))
      pages.push(body);
  }
  expect(pages).toEqual(
    [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6].map((page) => JSON.stringify({ path: `/rows?page=${page}` })),
  );
  expect(tokens.count()).toBe(2);
});

test("a 401 that a new token does not change is the answer", async () => {
  let logins = 0;
  const server = await givenServer(({ path }, response) => {
    if (path === "/login") answerJson(response, { session: `s${(logins += 1)}` });
    else answerJson(response, {}, 401);
  });
  const login = { url: `${server.origin}/login`, token: "session" } as const;
  const connection = givenScene().connect({ baseUrl: server.origin, auth: { login } });
  const response = await connection.send({ method: "GET", url: "/x" });
  response.body.destroy();
  expect([response.status, response.repeats, logins]).toEqual([401, 1, 2]);
});

test("a 401 of a fixed key is the answer at once, with its body", async () => {
  const server = await givenServer((_request, response) => answerJson(response, { no: 1 }, 401));
  const connection = givenScene().connect({ baseUrl: server.origin, auth: { bearer: "canary" } });
  expect(await get(connection, "/x")).toEqual({ status: 401, body: '{"no":1}' });
});

test("a token endpoint that refuses says why without what was sent", async () => {
  const server = await givenServer((request, response) => {
    answerJson(response, { error: "invalid_client", error_description: request.body }, 400);
  });
  const auth = {
    clientCredentials: {
      tokenUrl: `${server.origin}/token`,
      clientId: "me",
      clientSecret: "canary",
      clientAuth: "body",
    },
  } as const;
  const error = await expectFailure(
    givenScene().connect({ baseUrl: server.origin, auth }).send({ method: "GET", url: "/x" }),
  );
  expect([error.code, error.message]).toEqual([
    "AUTHENTICATION_FAILED",
    `POST ${server.origin}/token: HTTP status 400, \`invalid_client\``,
  ]);
});

test("a request that came too early is sent again when the pause is over, a POST too", async () => {
  const server = await givenServer((_request, response, received) => {
    if (received.length === 1) return void response.writeHead(429, { "retry-after": "20" }).end("wait");
    if (received.length === 2)
      return void response
        .writeHead(429, { "retry-after": "Sat, 21 Nov 2026 10:00:50 GMT", date: "Sat, 21 Nov 2026 10:00:20 GMT" })
        .end();
    response.end("done");
  });
  const { connect, clock } = givenScene();
  const connection = connect({ baseUrl: server.origin });
  const response = await connection.send({ method: "POST", url: "/x", body: { json: { a: 1 } } });
  expect([await text(response.body), response.repeats, clock.nowMs - Date.UTC(2026, 10, 21, 10)]).toEqual([
    "done",
    2,
    50_000,
  ]);
  expect(server.received.map(({ body }) => body)).toEqual(Array.from({ length: 3 }, () => '{"a":1}'));
});

test("a 503 with a time is waited for and repeated for a GET, and left to the caller for a POST", async () => {
  const server = await givenServer((_request, response, received) => {
    if (received.length % 2 === 1) return void response.writeHead(503, { "retry-after": "5" }).end("later");
    response.end("done");
  });
  const connection = givenScene().connect({ baseUrl: server.origin });
  expect(await get(connection, "/x")).toEqual({ status: 200, body: "done" });
  const response = await connection.send({ method: "POST", url: "/x" });
  expect([response.status, await text(response.body)]).toEqual([503, "later"]);
});

test("a long pause turns the caller away, and nothing more is sent by any worker", async () => {
  const server = await givenServer(
    (_request, response) => void response.writeHead(429, { "retry-after": "3600" }).end(),
  );
  const { connect } = givenScene();
  const first = connect({ baseUrl: server.origin });
  const queued = Array.from({ length: 40 }, () => expectFailure(first.send({ method: "GET", url: "/x" })));
  for (const { code, retryAfterMs } of await Promise.all(queued)) {
    expect([code, retryAfterMs]).toEqual(["CONNECTION_BLOCKED", 3_600_000]);
  }
  const sent = server.received.length;
  expect(sent).toBeLessThanOrEqual(8);
  expect((await expectFailure(connect({ baseUrl: server.origin }, "b").send({ method: "GET", url: "/x" }))).code).toBe(
    "CONNECTION_BLOCKED",
  );
  expect(server.received.length).toBe(sent);
});

test("a service may ask for a pause, and refuse a token, in words of its own", async () => {
  let logins = 0;
  const server = await givenServer(({ path, headers }, response) => {
    answerJson(response, path === "/login" ? { session: `s${(logins += 1)}` } : { seen: headers["x-session"] });
  });
  const login = {
    url: `${server.origin}/login`,
    token: "session",
    header: "X-Session",
  } as const;
  const { connect, clock } = givenScene();
  const connection = connect({ baseUrl: server.origin, auth: { login } });
  const response = await connection.send({ method: "GET", url: "/x" });
  expect(await text(response.body)).toBe('{"seen":"s1"}');
  expect(await connection.renewToken(response)).toBe(true);
  const before = clock.nowMs;
  await connection.pause(7_000);
  expect((await get(connection, "/x")).body).toBe('{"seen":"s2"}');
  expect(clock.nowMs - before).toBe(7_000);
});

test("another origin gets a request only when it is listed, and never a credential", async () => {
  const files = await givenServer((_request, response) => void response.end("file"));
  const server = await givenServer((_request, response) => void response.end());
  const { connect } = givenScene();
  const auth = { apiKey: { header: "x-key", value: "canary" } };
  const headers = { "x-tenant": "canary" };
  const error = await expectFailure(get(connect({ baseUrl: server.origin, auth }), `${files.origin}/x?sig=canary`));
  expect(error.message).toBe(`connection \`crm\` does not go to ${files.origin}/x?sig=[masked]`);
  const listed = connect({ baseUrl: server.origin, auth, headers, otherOrigins: [files.origin] });
  expect((await get(listed, `${files.origin}/x`)).body).toBe("file");
  expect(JSON.stringify(files.received)).not.toContain("canary");
});

test("relative addresses are below the address of the connection", async () => {
  const server = await givenServer((_request, response) => void response.end());
  const connection = givenScene().connect({ baseUrl: `${server.origin}/v2/` });
  for (const url of ["calls", "/calls?a=1", `${server.origin}/v3`]) await get(connection, url);
  expect(server.received.map(({ path }) => path)).toEqual(["/v2/calls", "/v2/calls?a=1", "/v3"]);
});
