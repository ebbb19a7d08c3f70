// Every entry of the route table against every kind of caller, read from the table itself: what is added to the table is tested.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Problem } from "../../../src/api/problem.ts";
import { type Role, roles } from "../../../src/api/role.ts";
import { type RouteEntry, type RouteName, routes } from "../../../src/api/routes.ts";
import { publicProbes } from "../../../src/server/http/register-probes.ts";
import { parseToken } from "../../../src/server/access/token-secret.ts";
import { hello } from "../../support/server/rest-jobs.ts";
import { fillPath, startTestServer, type TestServer } from "../../support/server/test-server.ts";

const entries = Object.entries(routes) as [RouteName, RouteEntry][];
const guarded = entries.filter(([, { permission }]) => permission !== "public");

let test: TestServer;
let expired: string;
let revoked: string;

beforeAll(async () => {
  test = await startTestServer({ definitions: [hello], limits: { maxFailedLoginsPerMinute: 10_000 } });
  expired = await test.addToken({ role: "admin", name: "late", expiresAtMs: Date.now() - 1 });
  revoked = await test.addToken({ role: "admin", name: "gone" });
  await test.fixture.store.revokeToken(parseToken(revoked)?.id ?? "", "test");
});

afterAll(async () => {
  await test[Symbol.asyncDispose]();
});

describe("the route table", () => {
  it("has routes, each once", () => {
    expect(entries.length).toBeGreaterThan(50);
    const keys = entries.map(([, { method, path }]) => `${method} ${path.replaceAll(/:\w+/g, ":")}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is public in exactly one entry, beside the probes", () => {
    const open = entries.filter(([, { permission }]) => permission === "public").map(([name]) => name);
    expect(open).toEqual(["createSession"]);
    expect(publicProbes).toEqual(["/healthz", "/readyz", "/openapi.json"]);
  });
});

describe("docs/reference/rest-api.md", () => {
  it("lists exactly the routes of the table, with their roles", async () => {
    const text = await readFile(new URL("../../../docs/reference/rest-api.md", import.meta.url), "utf8");
    const listed = [...text.matchAll(/^\| `(\w+)` \| `(\w+) ([^`]+)` \| (\w+)/gm)].map(([, ...row]) => row.join(" "));
    expect(listed).toEqual(
      entries.map(([name, { method, path, permission }]) => `${name} ${method} ${path.slice(7)} ${permission}`),
    );
  });
});

describe.each(guarded)("%s", (name, entry) => {
  const send = async (token: string): Promise<Response> =>
    await test.request(entry.method, fillPath(entry.path), {
      token,
      ...(entry.method === "GET" ? {} : { body: {} }),
    });

  it("refuses callers without a token, with garbage, and with a token that ended", async () => {
    const unknown = "mlr_0123456789ab_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (const token of ["", "garbage", unknown, `${test.tokens.admin}x`, expired, revoked]) {
      const response = await send(token);
      const problem = (await response.json()) as Problem;
      expect([token, response.status]).toEqual([token, 401]);
      expect(problem).toMatchObject({ code: "UNAUTHENTICATED", status: 401 });
      expect(response.headers.get("content-type")).toContain("application/problem+json");
    }
  });

  it.each(roles)("lets only those through who may: %s", async (role: Role) => {
    const response = await send(test.tokens[role]);
    const needed = roles.indexOf(entry.permission as Role);
    const isAllowed = roles.indexOf(role) >= needed;
    if (isAllowed) {
      expect([401, 403, 405]).not.toContain(response.status);
      expect(response.status).toBeLessThan(500);
    } else {
      expect(response.status).toBe(403);
      expect(((await response.json()) as Problem).code).toBe("FORBIDDEN");
    }
  });
});

describe.each(guarded.filter(([, { forcePermission }]) => forcePermission !== undefined))("force of %s", (_, entry) => {
  it("needs a higher role for force", async () => {
    const path = fillPath(entry.path);
    const refused = await test.request(entry.method, path, { token: test.tokens.editor, body: { force: true } });
    expect(refused.status).toBe(403);
    const allowed = await test.request(entry.method, path, { body: { force: true } });
    expect([401, 403]).not.toContain(allowed.status);
    expect(allowed.status).toBeLessThan(500);
  });
});
