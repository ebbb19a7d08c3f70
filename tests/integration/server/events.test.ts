// What clients of the WebSocket are told, on both stores: each event exactly once, whatever becomes of their connections.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatRunId, parseRunId, type RunId } from "../../../src/core/run-id.ts";
import { createPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import type { NewRun } from "../../../src/store/rows/run-records.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { type EventListener, startEventServer } from "../../support/server/event-server.ts";
import { createTestDatabase } from "../../support/postgres/postgres-test-database.ts";

interface Ground extends AsyncDisposable {
  open(): Promise<Store>;
}

const grounds: Readonly<Record<string, () => Promise<Ground>>> = {
  sqlite: async () => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-events-"));
    return {
      open: async () => await createSqliteStore({ path: join(folder, "store.db") }),
      [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }),
    };
  },
  postgres: async () => {
    const database = await createTestDatabase();
    return {
      open: async () => await createPostgresStore({ url: database.url, poolSize: 4 }),
      [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose](),
    };
  },
};

describe.each(Object.keys(grounds))("on %s", (name) => {
  test("a client that is killed again and again while pipelines run sees every event exactly once", async () => {
    await using stack = new AsyncDisposableStack();
    const { store, url } = await serve(stack, name);
    const random = createRandom(4711);
    const work = runPipelines(store, 12);
    const seen = new Map<string, string>();
    let pos = "0";
    let kills = 0;
    for (let isDone = false; !isDone;) {
      const client = await url.connect();
      client.send({ type: "subscribe", topic: "runs", sinceSeq: pos, batch: random() < 0.5 });
      // It dies when it has come so far; what reached it after that dies with it.
      const life = Math.min(1 + Math.floor(random() * 12), work.expected - seen.size);
      await client.until(() => client.events.length >= life || client.closed !== undefined);
      await client.kill();
      kills += 1;
      for (const event of client.events.slice(0, life)) {
        const key = `${event.run_id} ${event.seq}`;
        expect(seen.get(key)).toBeUndefined();
        seen.set(key, event.type);
        pos = event.pos;
      }
      isDone = seen.size === work.expected;
    }
    await work.done;
    expect(kills).toBeGreaterThanOrEqual(30);
    await expectWhole(store, [...seen.keys()]);
  });

  test("clients of two servers on one store are told the same, and may go on at the other one", async () => {
    await using stack = new AsyncDisposableStack();
    const { ground, store, url } = await serve(stack, name);
    const other = stack.use(await startEventServer({ store: stack.use(await ground.open()) }));
    const first = await url.connect("?topic=runs");
    const second = await other.connect("?topic=runs");
    await Promise.all(
      [first, second].map(async (client) => await client.until(() => client.of("subscribed").length > 0)),
    );
    const work = runPipelines(store, 4);
    await first.until(() => first.events.length >= 20);
    await first.kill();
    const moved = await other.connect();
    moved.send({ type: "subscribe", topic: "runs", batch: true, sinceSeq: first.events.at(-1)?.pos ?? "0" });
    await moved.until(() => first.events.length + moved.events.length >= work.expected);
    await second.until(() => second.events.length >= work.expected);
    await work.done;
    const keys = (client: EventListener): string[] => client.events.map((event) => `${event.run_id} ${event.seq}`);
    expect([...keys(first), ...keys(moved)]).toEqual(keys(second));
    await expectWhole(store, keys(second));
    await moved.close();
    await second.close();
  });

  test("a topic tells of its own runs alone, in the words of the contract", async () => {
    await using stack = new AsyncDisposableStack();
    const { store, url } = await serve(stack, name);
    const jobs = await url.connect("?topic=jobs");
    const job = await url.connect("?topic=job:load");
    await Promise.all([jobs, job].map(async (client) => await client.until(() => client.of("subscribed").length > 0)));
    const { runIds } = await store.submit({
      runs: [
        newRun("outer", { kind: "pipeline" }),
        newRun("inner", { kind: "pipeline", parent: 0 }),
        newRun("load", { parent: 1 }),
      ],
      edges: [],
    });
    const [outer = 0, inner = 0, load = 0] = runIds;
    const nested = await url.connect();
    nested.send({ type: "subscribe", topic: `run:${formatRunId(inner as RunId)}`, sinceSeq: 0 });
    await finishAll(store);
    const all = { jobs, job, nested };
    await jobs.until(() => jobs.of("job_completed").length === 1);
    await job.until(() => job.of("job_completed").length === 1);
    await nested.until(() => nested.of("job_completed").length === 2);
    const told = Object.fromEntries(
      Object.entries(all).map(([topic, client]) => [
        topic,
        client.events.map(({ type, run_id: id, seq, state }) => `${id} ${seq} ${type} ${state}`).toSorted(),
      ]),
    );
    const story = (id: number): string[] => [
      `r${id} 1 job_submitted PENDING`,
      `r${id} 2 job_started RUNNING`,
      `r${id} 3 job_completed FINISHED`,
    ];
    expect(told).toEqual({
      jobs: story(outer),
      job: story(load),
      nested: [...story(inner), ...story(load)].toSorted(),
    });
    expect(job.of("job_started")).toMatchObject([
      { job_name: "load", root_run_id: `r${outer}`, parent_run_id: `r${inner}`, attempt: 1, worker: "w" },
    ]);
    expect(job.of("job_completed")[0]?.duration_ms).toBeGreaterThanOrEqual(0);
    for (const client of Object.values(all)) await client.close();
  });

  test("who follows several topics gets each event once, and a position that counts for all", async () => {
    await using stack = new AsyncDisposableStack();
    const { store, url } = await serve(stack, name);
    const client = await url.connect("?topic=runs&topic=jobs&topic=job:load");
    await client.until(() => client.of("subscribed").length === 3);
    await store.submit({ runs: [newRun("load")], edges: [] });
    await finishAll(store);
    await client.until(() => client.of("job_completed").length > 0 && client.of("position").length > 0);
    expect(client.events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    client.send({ type: "unsubscribe", topic: "runs" });
    client.send({ type: "unsubscribe", topic: "jobs" });
    client.send({ type: "unsubscribe", topic: "job:load" });
    await client.until(() => client.of("unsubscribed").length === 3);
    await store.submit({ runs: [newRun("load")], edges: [] });
    client.send({ type: "subscribe", topic: "jobs", sinceSeq: await store.feedEnd() });
    await store.submit({ runs: [newRun("after")], edges: [] });
    await client.until(() => client.events.length > 3);
    expect(client.events.slice(3).map((event) => event.job_name)).toEqual(["after"]);
    await client.close();
  });

  test("a position that is too old, or that never was, is answered with where to go on", async () => {
    await using stack = new AsyncDisposableStack();
    const { store, url } = await serve(stack, name);
    await store.submit({ runs: [newRun("old")], edges: [] });
    await finishAll(store);
    await store.removeHistory({ endedBeforeMs: Date.now() + 60_000, limit: 10 });
    const client = await url.connect();
    client.send({ type: "subscribe", topic: "runs", sinceSeq: "0" });
    client.send({ type: "subscribe", topic: "jobs", sinceSeq: "99999999" });
    await client.until(() => client.of("resync").length === 2);
    const end = await store.feedEnd();
    expect(client.of("resync").toSorted((a, b) => (a.topic < b.topic ? -1 : 1))).toMatchObject([
      { topic: "jobs", pos: end, why: "too_old" },
      { topic: "runs", pos: end, why: "too_old" },
    ]);
    await store.submit({ runs: [newRun("new")], edges: [] });
    await client.until(() => client.events.length > 0);
    expect(client.events.map((event) => event.job_name)).toEqual(["new"]);
    await client.close();
  });
});

interface Served {
  readonly ground: Ground;
  readonly store: Store;
  readonly url: Awaited<ReturnType<typeof startEventServer>>;
}

// A server with a store of its own, beside one that others work with.
async function serve(stack: AsyncDisposableStack, name: string): Promise<Served> {
  const ground = stack.use(await (grounds[name] ?? (() => Promise.reject(new Error(name))))());
  const store = stack.use(await ground.open());
  const url = stack.use(await startEventServer({ store: stack.use(await ground.open()) }));
  return { ground, store, url };
}

function newRun(job: string, more: Partial<NewRun> = {}): NewRun {
  return { job, kind: "job", params: {}, tenant: "default", createdBy: "test", ...more };
}

// Pipelines of five jobs each, one after the other; some events of a job are its own.
function runPipelines(store: Store, count: number): { readonly expected: number; readonly done: Promise<void> } {
  const members = [1, 2, 3, 4, 5];
  const work = async (): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      await store.submit({
        runs: [newRun("daily", { kind: "pipeline" }), ...members.map((member) => newRun(`j${member}`, { parent: 0 }))],
        edges: members.slice(1).map((child) => ({ parent: child - 1, child, onUpstreamFailure: "cancel" as const })),
      });
      await finishAll(store);
    }
  };
  // A member has four events, the pipeline three.
  return { expected: count * (members.length * 4 + 3), done: work() };
}

async function finishAll(store: Store): Promise<void> {
  const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
  const workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process });
  for (;;) {
    const runs = await store.claim({ workerId, limit: 3 });
    if (runs.length === 0) return;
    for (const run of runs) {
      if (run.kind === "job" && run.job !== "load" && run.job !== "old") {
        await store.appendEvents(run, [{ type: "note", data: { of: run.job } }]);
      }
      await store.settle([{ runId: run.runId, epoch: run.epoch, end: "finished", result: null }]);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

// What was seen is what the store has, in the order of each run.
async function expectWhole(store: Store, seen: readonly string[]): Promise<void> {
  const byRun = Map.groupBy(seen, (key) => key.split(" ")[0] ?? "");
  for (const [runId, keys] of byRun) {
    const events = await store.listEvents(parseRunId(runId), 0, 1_000);
    expect(keys).toEqual(events.map(({ seq }) => `${runId} ${seq}`));
  }
  expect(byRun.size).toBe((await store.listRuns({ limit: 500 })).length);
}

// Numbers from 0 to 1 that are the same every time.
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
