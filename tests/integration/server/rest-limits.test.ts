// Limits, connections and breakers, over a real store and a real worker.
import { describe, expect, it } from "vitest";
import { defineJob } from "../../../src/core/job/job.ts";
import { formatRunId } from "../../../src/core/run-id.ts";
import { createRestFixture, type RestFixture } from "../../support/server/rest-fixture.ts";

const calls = defineJob({
  name: "calls",
  connections: ["github"],
  execute: (ctx) => new Promise((resolve) => ctx.signal.addEventListener("abort", () => resolve(1))),
});
const mails = defineJob({ name: "mails", connections: ["smtp", "github"], execute: () => 1 });
const jobs = [calls, mails];
const gate = "connection:github";

describe("connections", () => {
  it("are those that are declared, registered, used or limited, with what is known of each", async () => {
    await using fixture = await createRestFixture(jobs);
    const { store } = fixture;
    await store.takeCredential("github", "a", 60_000);
    const save = { name: "github", holder: "a", seenVersion: 0, sealed: "canary", lifetimeMs: 60_000 };
    await store.saveCredential(save);
    await store.takeQuota({ name: "github", want: 4, limit: 100, windowMs: 60_000 });
    await store.blockQuota("smtp", 60_000);
    const { items } = await fixture.call("listConnections");
    expect(items.map(({ connection, source, job_names }) => [connection, source, job_names])).toEqual([
      ["github", "configuration", ["calls", "mails"]],
      ["smtp", null, ["mails"]],
    ]);
    const [github, smtp] = items;
    expect(github).toMatchObject({ kind: "http", address: "https://api.github.com", auth: "bearer" });
    expect(github?.token_state?.expires_at).toMatch(/^20/);
    expect(github?.requests).toMatchObject({ count: 100, per_ms: 60_000 });
    expect(github?.requests?.ready).toBeLessThan(10);
    expect(smtp).toMatchObject({ address: null, token_state: null, requests: null });
    expect(Date.parse(smtp?.paused_until ?? "")).toBeGreaterThan(Date.now() + 50_000);
    expect(JSON.stringify(items)).not.toContain("canary");
  });

  it("are tried: an answer is told without its content, and that none came is an answer, too", async () => {
    await using fixture = await createRestFixture(jobs);
    const params = { connection: "github" };
    expect(await fixture.call("testConnection", { params, body: { url: "/users" } })).toEqual({
      connection: "github",
      answer: {
        address: "https://api.github.com/users",
        good: true,
        status: 200,
        bytes: 12,
        files: null,
        server: null,
        duration_ms: 3,
      },
      error: null,
    });
    expect(await fixture.call("testConnection", { params, body: { url: "/away" } })).toMatchObject({
      answer: null,
      error: { code: "CONNECTION_FAILED" },
    });
    const unknown = { params: { connection: "gihub" }, body: {} };
    expect((await fixture.refusal("testConnection", unknown)).code).toBe("CONNECTION_UNKNOWN");
  });

  it("are registered and forgotten, and what is wrong with them is the caller's mistake", async () => {
    await using fixture = await createRestFixture(jobs);
    const params = { connection: "crm" };
    const options = { http: { baseUrl: "https://crm.example" } };
    expect(await fixture.call("addConnection", { params, body: { options } })).toEqual({
      connection: "crm",
      version: 1,
    });
    expect((await fixture.refusal("addConnection", { params, body: { options: 5 } })).code).toBe("REQUEST_INVALID");
    expect(await fixture.call("rekeyConnections", {})).toEqual({ renewed: 2, current: 1 });
    expect(await fixture.call("removeConnection", { params })).toBeNull();
    const gone = { params: { connection: "ads" } };
    expect((await fixture.refusal("removeConnection", gone)).code).toBe("CONNECTION_UNKNOWN");
  });

  it("tell the last requests through them, with their runs", async () => {
    await using fixture = await createRestFixture(jobs);
    const runId = await fixture.submit(mails);
    const exchange = {
      method: "GET",
      address: "https://api.github.com/x?key=[masked]",
      connection: "github",
      status: 503,
      startedAtMs: 1_767_312_000_000,
      durationMs: 12,
      receivedBytes: 5,
      repeat: 1,
      position: 1,
    };
    const batch = { runId, attempt: 1, exchanges: 1, failed: 1, bytes: 5, kept: [exchange] };
    await fixture.store.appendExchanges([batch]);
    const { items } = await fixture.call("listConnectionRequests", { params: { connection: "github" } });
    expect(items).toEqual([
      {
        run_id: formatRunId(runId),
        seq: 1,
        attempt: 1,
        connection: "github",
        method: "GET",
        address: exchange.address,
        unit: null,
        page: null,
        status: 503,
        error: null,
        failed: true,
        repeat: 1,
        started_at: "2026-01-02T00:00:00.000Z",
        duration_ms: 12,
        received_bytes: 5,
      },
    ]);
    const page = await fixture.call("listRunRequests", { params: { run_id: formatRunId(runId) } });
    expect(page).toEqual({ items, next_cursor: null, totals: { requests: 1, failed: 1, received_bytes: 5, kept: 1 } });
    const bad = { params: { run_id: formatRunId(runId) }, query: { cursor: "x" } };
    expect((await fixture.refusal("listRunRequests", bad)).code).toBe("REQUEST_INVALID");
  });
});

describe("limits", () => {
  it("are set, shown and removed", async () => {
    await using fixture = await createRestFixture(jobs);
    const put = async (limits: unknown) => (await fixture.call("putLimits", { body: { limits } })).items;
    const free = { held: 0, blocked_until: null };
    const both = [
      { gate: "job:calls", capacity: 4, ...free },
      { gate: "pool:gpu", capacity: 2, ...free },
    ];
    expect(await put(both.map(({ gate: name, capacity }) => ({ gate: name, capacity })))).toEqual(both);
    expect((await fixture.call("listLimits")).items).toEqual(both);
    expect(await put([{ gate: "pool:gpu", capacity: null }])).toMatchObject([{ capacity: 4 }, { capacity: null }]);
  });

  it("are not written over a change that the caller did not see, and then none of them is", async () => {
    await using fixture = await createRestFixture(jobs);
    const put = (...limits: object[]) => fixture.call("putLimits", { body: { limits } });
    await put({ gate: "pool:gpu", capacity: 2, seen_capacity: null });
    const limits = [
      { gate: "pool:cpu", capacity: 1, seen_capacity: null },
      { gate: "pool:gpu", capacity: 5, seen_capacity: 3 },
    ];
    const refused = await fixture.refusal("putLimits", { body: { limits } });
    expect(refused).toMatchObject({
      code: "VERSION_CONFLICT",
      message: "the limit of `pool:gpu` is `2`, and the change was made for: `3`",
    });
    expect((await fixture.call("listLimits")).items).toMatchObject([{ gate: "pool:gpu", capacity: 2 }]);
    const both = [6, 7].map((capacity) => put({ gate: "pool:gpu", capacity, seen_capacity: 2 }));
    const settled = await Promise.allSettled(both);
    expect(settled.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  const bad: readonly [name: string, limits: unknown][] = [
    ["no limits", []],
    ["too many", Array.from({ length: 101 }, (_, n) => ({ gate: `pool:${n}`, capacity: 1 }))],
    ["zero", [{ gate: "pool:gpu", capacity: 0 }]],
    ["half a run", [{ gate: "pool:gpu", capacity: 1.5 }]],
    ["text", [{ gate: "pool:gpu", capacity: "2" }]],
    ["a gate of no kind", [{ gate: "gpu", capacity: 2 }]],
    ["a gate without a name", [{ gate: "pool:", capacity: 2 }]],
    ["a field that nobody knows", [{ gate: "pool:gpu", capacity: 2, lowered: true }]],
  ];

  it.each(bad)("refuse %s", async (_name, limits) => {
    await using fixture = await createRestFixture(jobs);
    expect((await fixture.refusal("putLimits", { body: { limits } })).code).toBe("REQUEST_INVALID");
    expect((await fixture.call("listLimits")).items).toEqual([]);
  });
});

describe("connections", () => {
  it("say who uses them, who holds them and how they are", async () => {
    await using fixture = await createRestFixture(jobs);
    await fixture.call("putLimits", { body: { limits: [{ gate, capacity: 3 }] } });
    await fixture.startWorker(jobs);
    const runId = await fixture.submit(calls);
    await fixture.waitForEvent(runId, "started");
    await openBreaker(fixture, "jira");
    const { items } = await fixture.call("listConnections");
    expect(items).toMatchObject([
      {
        connection: "github",
        job_names: ["calls", "mails"],
        breaker: null,
        capacity: 3,
        held: 1,
        holders: [formatRunId(runId)],
      },
      {
        connection: "jira",
        job_names: [],
        breaker: { state: "open", failures: 5, last_error: "503" },
        capacity: null,
      },
      { connection: "smtp", job_names: ["mails"], capacity: null, held: 0, holders: [] },
    ]);
    expect(items[1]?.blocked_until).toBe(items[1]?.breaker?.next_probe_at);
  });
});

describe("breakers", () => {
  const params = { connection: "jira" };

  it("are closed by a person, which opens the gate", async () => {
    await using fixture = await createRestFixture(jobs);
    expect((await fixture.call("listBreakers")).items).toEqual([]);
    await openBreaker(fixture, "jira");
    expect((await fixture.call("listBreakers")).items).toMatchObject([
      { connection: "jira", state: "open", version: 1 },
    ]);
    const reset = await fixture.call("resetBreaker", { params, body: { version: 1, reason: "it is back" } });
    expect(reset).toEqual({
      connection: "jira",
      state: "closed",
      failures: 0,
      opened_at: null,
      next_probe_at: null,
      last_error: null,
      version: 2,
    });
    expect((await fixture.call("listLimits")).items).toMatchObject([{ gate: "connection:jira", blocked_until: null }]);
  });

  it("are not closed over a change that the caller did not see", async () => {
    await using fixture = await createRestFixture(jobs);
    await openBreaker(fixture, "jira");
    for (const version of [0, 2]) {
      expect((await fixture.refusal("resetBreaker", { params, body: { version } })).code).toBe("VERSION_CONFLICT");
    }
    expect((await fixture.call("listBreakers")).items).toMatchObject([{ state: "open", version: 1 }]);
  });

  it("of a connection without trouble are closed already", async () => {
    await using fixture = await createRestFixture(jobs);
    const reset = await fixture.call("resetBreaker", { params: { connection: "github" } });
    expect(reset).toMatchObject({ state: "closed", version: 0 });
    expect((await fixture.call("listBreakers")).items).toEqual([]);
  });

  it("of unknown connections and with bodies that say more are refused", async () => {
    await using fixture = await createRestFixture(jobs);
    const unknown = await fixture.refusal("resetBreaker", { params: { connection: "gihub" } });
    expect(unknown).toMatchObject({
      code: "THING_UNKNOWN",
      message: "unknown connection `gihub`, did you mean `github`?",
    });
    for (const body of [{ version: "1" }, { state: "open" }, { reason: "x".repeat(501) }]) {
      expect((await fixture.refusal("resetBreaker", { params, body })).code).toBe("REQUEST_INVALID");
    }
  });
});

async function openBreaker(fixture: RestFixture, name: string): Promise<void> {
  const nowMs = await fixture.store.readClockMs();
  const times = { openedAtMs: nowMs, probeAtMs: nowMs + 60_000 };
  await fixture.store.saveBreaker({
    name,
    state: "open",
    failures: 5,
    refusals: 0,
    ...times,
    lastError: "503",
    version: 0,
  });
}
