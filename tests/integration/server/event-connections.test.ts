// What connections may ask of the server and what they may not, and what becomes of those that are slow, wrong or gone.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ServerMessage } from "../../../src/api/event-message.ts";
import { connectEventStream, type EventStreamState } from "../../../src/client/event-stream.ts";
import { createSecretRedactor } from "../../../src/core/errors/secret-redactor.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { ClaimedRun } from "../../../src/store/rows/run-records.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { startEventServer } from "../../support/server/event-server.ts";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-events-"));
  store = await createSqliteStore({ path: join(folder, "store.db") });
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("ten thousand reports a second reach a client as four a second, the newest last", async () => {
  await using server = await startEventServer({ store, pastOf: () => ({ p50Ms: 60_000, p95Ms: 90_000 }) });
  const run = await claimOne("etl");
  const client = await server.connect("?topic=run:r1");
  await client.until(() => client.of("subscribed").length === 1);
  const startedAtMs = performance.now();
  // A worker writes reports down in batches.
  for (let done = 100; done <= 20_000; done += 100) {
    const atMs = Date.now();
    const reports = Array.from({ length: 100 }, (_, index) => ({ done: done - 99 + index, total: 20_000, atMs }));
    await store.recordProgress(reports.map((report) => ({ ...report, runId: run.runId, operation: "reading" })));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await client.until(() => client.of("job_progress").at(-1)?.done === 20_000);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const reports = client.of("job_progress");
  expect(reports.length).toBeLessThanOrEqual(4 * seconds + 2);
  expect(reports.map((report) => report.done)).toEqual(
    reports.map((report) => report.done).toSorted((a, b) => Number(a) - Number(b)),
  );
  expect(reports.at(-1)).toMatchObject({
    job_name: "etl",
    run_id: "r1",
    seq: 2,
    percent: 100,
    progress: 100,
    operation: "reading",
    total: 20_000,
  });
  const early = reports[0];
  expect(early?.rate).toBeGreaterThan(0);
  expect(Date.parse(early?.eta?.p90 ?? "")).toBeGreaterThanOrEqual(Date.parse(early?.eta?.p50 ?? ""));
  await client.close();
});

test("a report that comes after the end of its run is not told", async () => {
  await using server = await startEventServer({ store });
  const client = await server.connect("?topic=runs");
  await client.until(() => client.of("subscribed").length === 1);
  const run = await claimOne("etl");
  await store.recordProgress([{ runId: run.runId, done: 1, total: 2, operation: undefined, atMs: Date.now() }]);
  await store.settle([{ runId: run.runId, epoch: run.epoch, end: "finished", result: null }]);
  await store.recordProgress([{ runId: run.runId, done: 2, total: 2, operation: undefined, atMs: Date.now() }]);
  const other = await claimOne("other");
  await store.recordProgress([{ runId: other.runId, done: 1, total: 2, operation: undefined, atMs: Date.now() }]);
  await client.until(() => client.of("job_progress").length > 0);
  expect(client.of("job_progress").map((report) => report.run_id)).toEqual(["r2"]);
  await client.close();
});

test("a client that does not read holds no memory, and gets the rest without a gap when it reads again", async () => {
  await using server = await startEventServer({ store });
  const run = await claimOne("loud");
  const slow = await server.connect();
  slow.send({ type: "subscribe", topic: "runs", batch: true, snapshot: false });
  await slow.until(() => slow.of("subscribed").length === 1);
  slow.socket.pause();
  const quick = await server.connect("?topic=runs");
  await quick.until(() => quick.of("subscribed").length === 1);
  const data = { text: "x".repeat(10_000) };
  const buffered: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    await store.appendEvents(
      run,
      Array.from({ length: 20 }, () => ({ type: "noise", data })),
    );
    await quick.until(() => quick.events.length >= (round + 1) * 20);
    buffered.push(...[...server.fastify.websocketServer.clients].map(({ bufferedAmount }) => bufferedAmount));
  }
  // A frame may come on top of what may be buffered; twelve megabytes were said.
  expect(Math.max(...buffered)).toBeLessThan(1_500_000);
  expect(Math.max(...buffered)).toBeGreaterThan(0);
  slow.socket.resume();
  await slow.until(() => slow.events.length >= 1_200);
  expect(slow.events.map(({ seq }) => seq)).toEqual(Array.from({ length: 1_200 }, (_, index) => index + 3));
  await slow.close();
  await quick.close();
}, 60_000);

test("wrong messages are answered with what is wrong, and too many of them end the connection", async () => {
  await using server = await startEventServer({ store });
  const client = await server.connect();
  const wrong = [
    "{",
    '{"type":"shout"}',
    '{"type":"subscribe","topic":"run:1; drop table run"}',
    '{"type":"subscribe","topic":"runs","sinceSeq":-1}',
    '{"type":"subscribe","topic":"runs","more":true}',
  ];
  for (const text of wrong) client.socket.send(text);
  await client.until(() => client.closed !== undefined);
  expect(client.of("error").map(({ code }) => code)).toEqual(wrong.map(() => "REQUEST_INVALID"));
  expect(client.of("error")[3]?.detail).toContain("sinceSeq");
  expect(client.closed).toEqual({ code: 1008, reason: "too many wrong messages" });
});

test("a message that is too large ends the connection before it is read", async () => {
  await using server = await startEventServer({ store });
  const client = await server.connect();
  client.socket.send(`{"type":"subscribe","topic":"job:${"x".repeat(5_000)}"}`);
  await client.until(() => client.closed !== undefined);
  expect(client.closed?.code).toBe(1009);
});

test("a client may follow fifty topics, and say two hundred things in ten seconds", async () => {
  await using server = await startEventServer({ store });
  const client = await server.connect();
  for (let index = 0; index < 51; index += 1) client.send({ type: "subscribe", topic: `job:j${index}` });
  await client.until(() => client.of("error").length === 1);
  expect(client.of("error")[0]?.code).toBe("TOO_MANY_REQUESTS");
  await client.until(() => client.of("subscribed").length === 50);
  for (let index = 0; index < 150; index += 1) client.send({ type: "ping" });
  await client.until(() => client.closed !== undefined);
  expect(client.closed).toEqual({ code: 1008, reason: "too many messages" });
});

test("a token that is revoked or expires takes its connections with it, and no others", async () => {
  const revoked = new Set<string>();
  await using server = await startEventServer({
    store,
    heartbeatMs: 100,
    isTokenValid: async (tokenId) => !revoked.has(tokenId),
  });
  const [ann, bob, eve, joe] = await Promise.all(
    ["?token=ann", "?token=bob", "?token=eve", "?token=joe&lives=1"].map(async (query) => await server.connect(query)),
  );
  if (ann === undefined || bob === undefined || eve === undefined || joe === undefined)
    throw new Error("four are here");
  await joe.until(() => joe.closed !== undefined);
  server.hub.dropToken("bob");
  await bob.until(() => bob.closed !== undefined);
  revoked.add("eve");
  await eve.until(() => eve.closed !== undefined);
  expect([bob, eve, joe].map(({ closed }) => closed?.code)).toEqual([4401, 4401, 4401]);
  ann.send({ type: "ping" });
  await ann.until(() => ann.of("pong").length === 1);
  expect(server.hub.clientCount).toBe(1);
  await ann.close();
});

test("a client that answers no ping is dropped", async () => {
  await using server = await startEventServer({ store, heartbeatMs: 50 });
  const dead = await server.connect();
  dead.socket.pause();
  const alive = await server.connect("?topic=runs");
  await alive.until(() => alive.of("position").length > 5 || alive.closed !== undefined);
  expect(server.hub.clientCount).toBe(1);
  dead.socket.resume();
  await dead.until(() => dead.closed !== undefined);
  await alive.close();
});

test("everybody hears that the orchestrator was stopped and that a job was paused as a whole", async () => {
  await using server = await startEventServer({ store });
  const client = await server.connect("?topic=runs");
  await client.until(() => client.of("subscribed").length === 1);
  client.send({ type: "ping" });
  await client.until(() => client.of("pong").length === 1);
  await store.switchOrchestrator({ action: "stop", by: "ann" });
  await client.until(() => client.of("orchestrator_changed").length > 0);
  expect(client.of("orchestrator_changed").at(-1)?.claiming).toBe(false);
  const count = client.of("orchestrator_changed").length;
  await store.submit({ runs: [newRun("etl")], edges: [] });
  await store.control({ action: "pause", target: { job: "etl" }, by: "ann", reason: "holiday" });
  await client.until(() => client.of("orchestrator_changed").length > count && client.of("job_paused").length > 0);
  expect(client.of("job_paused")).toMatchObject([{ run_id: "r1", state: "PAUSED", by: "ann", reason: "holiday" }]);
  await client.close();
});

test("a snapshot comes before the messages that follow it, or word that there is none", async () => {
  await using server = await startEventServer({
    store,
    readSnapshot: async (topic, caller) => {
      expect(caller.name).toBe("test");
      if (topic !== "jobs") throw new MillraceError("RUN_UNKNOWN", "no run: `r9`");
      await store.submit({ runs: [newRun("meanwhile")], edges: [] });
      return { jobs: [] };
    },
  });
  const client = await server.connect("?topic=jobs&topic=run:r9");
  await client.until(() => client.events.length === 1 && client.of("error").length === 1);
  expect(client.of("error")).toEqual([{ type: "error", code: "RUN_UNKNOWN", detail: "no run: `r9`" }]);
  const types = client.messages.flatMap((message) => (message.type === "error" ? [] : [message.type]));
  expect(types.filter((type) => type !== "position").slice(-2)).toEqual(["snapshot", "job_submitted"]);
  const again = await server.connect();
  again.send({ type: "subscribe", topic: "jobs", sinceSeq: client.of("snapshot")[0]?.pos ?? "" });
  await again.until(() => again.events.length === 1);
  expect(again.of("snapshot")).toEqual([]);
  await again.close();
  await client.close();
});

test("a secret that a job wrote down, or says it works on, reaches no client", async () => {
  const secret = "s3cr3t-canary-value";
  await using server = await startEventServer({
    store,
    redactor: createSecretRedactor([secret]),
    readSnapshot: async () => {
      throw new MillraceError("RUN_UNKNOWN", "no run");
    },
  });
  const run = await claimOne("etl");
  await store.appendEvents(run, [{ type: "note", data: { text: `key is ${secret}`, password: "hunter2hunter2" } }]);
  const client = await server.connect();
  client.send({ type: "subscribe", topic: "runs", sinceSeq: 0 });
  await client.until(() => client.of("job_event").length === 1);
  await store.appendEvents(run, [{ type: "note", data: { again: Buffer.from(secret).toString("base64") } }]);
  const operation = `calling with ${secret}`;
  await store.recordProgress([{ runId: run.runId, done: 1, total: 2, operation, atMs: Date.now() }]);
  await client.until(() => client.of("job_event").length === 2 && client.of("job_progress").length === 1);
  const told = JSON.stringify(client.messages);
  expect(told).toContain("calling with");
  expect(told).not.toContain(secret);
  expect(told).not.toContain(Buffer.from(secret).toString("base64"));
  expect(told).not.toContain("hunter2");
  await client.close();
});

test("who follows with the stream of the client goes on by itself when the server comes back", async () => {
  const first = await startEventServer({ store });
  const port = Number(new URL(first.url).port);
  const messages: ServerMessage[] = [];
  const states: EventStreamState["name"][] = [];
  let heard = Promise.withResolvers<void>();
  const stream = connectEventStream({
    url: first.url.replace("ws:", "http:"),
    topics: ["runs", "jobs"],
    ticket: async () => "once",
    onMessage: (message) => {
      messages.push(message);
      heard.resolve();
    },
    onState: ({ name }) => {
      states.push(name);
      heard.resolve();
    },
  });
  const until = async (isMet: () => boolean): Promise<void> => {
    while (!isMet()) {
      await heard.promise;
      heard = Promise.withResolvers();
    }
  };
  const submitted = (): number => messages.filter(({ type }) => type === "job_submitted").length;
  await until(() => messages.filter(({ type }) => type === "subscribed").length === 2);
  await store.submit({ runs: [newRun("a")], edges: [] });
  await until(() => submitted() === 1);
  await first[Symbol.asyncDispose]();
  await until(() => stream.state.name === "waiting");
  await store.submit({ runs: [newRun("b")], edges: [] });
  await using second = await startEventServer({ store }, port);
  await until(() => submitted() === 2);
  await store.submit({ runs: [newRun("c")], edges: [] });
  await until(() => submitted() === 3);
  stream.close();
  expect(messages.flatMap((message) => (message.type === "job_submitted" ? [message.job_name] : []))).toEqual([
    "a",
    "b",
    "c",
  ]);
  expect(states.slice(0, 3)).toEqual(["connecting", "open", "waiting"]);
  expect(stream.state.name).toBe("closed");
  expect(second.errors).toEqual([]);
});

function newRun(job: string): { job: string; kind: "job"; params: null; tenant: string; createdBy: string } {
  return { job, kind: "job", params: null, tenant: "default", createdBy: "test" };
}

async function claimOne(job: string): Promise<ClaimedRun> {
  await store.submit({ runs: [newRun(job)], edges: [] });
  const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
  const workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process });
  const [run] = await store.claim({ workerId, limit: 1 });
  if (run === undefined) throw new Error("nothing is ready");
  return run;
}
