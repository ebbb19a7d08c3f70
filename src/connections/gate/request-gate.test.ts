import { expect, test } from "vitest";
import { MemoryQuotaStore } from "../../../tests/support/http/memory-quota-store.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import type { Clock } from "../../core/clock.ts";
import type { ConnectionLimits } from "../../core/connection/transport-options.ts";
import { toEndpoint } from "./endpoint-pauses.ts";
import { type GateAnswer, RequestGate } from "./request-gate.ts";

/** Time that passes while everybody sleeps. */
function createClock(): Pick<Clock, "now" | "sleep"> & { nowMs: number } {
  return {
    nowMs: 1_000_000_000_000,
    now() {
      return this.nowMs;
    },
    async sleep(ms, signal) {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted !== true) this.nowMs += ms;
    },
  };
}

function givenGate(limits: ConnectionLimits = {}): {
  readonly clock: ReturnType<typeof createClock>;
  readonly store: MemoryQuotaStore;
  readonly start: () => RequestGate;
} {
  const clock = createClock();
  const store = new MemoryQuotaStore(() => clock.nowMs);
  return { clock, store, start: () => new RequestGate({ name: "crm", limits, store, clock }) };
}

const ok: GateAnswer = { status: 200, headers: {} };

test("nothing is sent while the service asks for a pause, with 40 requests queued", async () => {
  const { clock, start } = givenGate();
  const gate = start();
  const sentAt: number[] = [];
  let pauses = 0;
  const send = async (): Promise<void> => {
    const pass = await gate.enter();
    sentAt.push(clock.nowMs);
    await new Promise((resolve) => setImmediate(resolve));
    pauses += 1;
    await pass.note(pauses <= 8 ? { status: 429, headers: { "retry-after": "30" } } : ok);
    pass.leave();
  };
  const startedAtMs = clock.nowMs;
  await Promise.all(Array.from({ length: 40 }, send));
  const during = sentAt.filter((atMs) => atMs > startedAtMs && atMs < startedAtMs + 30_000);
  expect([sentAt.length, sentAt.filter((atMs) => atMs === startedAtMs).length, during.length]).toEqual([40, 8, 0]);
});

test("another process does not send either, and a process that starts later neither", async () => {
  const { clock, start } = givenGate();
  const first = await start().enter();
  await first.note({ status: 503, headers: { "retry-after": "20" } });
  const other = start();
  const startedAtMs = clock.nowMs;
  await other.enter();
  expect(clock.nowMs - startedAtMs).toBe(20_000);
});

test("a wait that is longer than a minute turns all away who wait", async () => {
  const { clock, start } = givenGate();
  const gate = start();
  const pass = await gate.enter();
  await pass.note({ status: 429, headers: { "retry-after": "3600" } });
  const waiting = await Promise.all([1, 2, 3].map(() => expectFailure(gate.enter())));
  expect(waiting.map(({ code, retryAfterMs }) => [code, retryAfterMs])).toEqual(
    Array.from({ length: 3 }, () => ["CONNECTION_BLOCKED", 3_600_000]),
  );
  expect(waiting[0]?.message).toBe("nothing may be sent to `crm` for the next 1h");
  clock.nowMs += 3_600_000;
  await gate.enter();
});

test.each([
  ["429 without a time", { status: 429, headers: {} }, 1_000],
  ["403 that says when", { status: 403, headers: { "retry-after": "5" } }, 5_000],
  ["403 of a quota", { status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "7" } }, 7_000],
  [
    "the last answer of a quota",
    { status: 200, headers: { "ratelimit-remaining": "0", "ratelimit-reset": "9" } },
    9_000,
  ],
  ["403 of permissions", { status: 403, headers: {} }, 0],
  ["503 without a time", { status: 503, headers: {} }, 0],
  ["200", ok, 0],
])("after %s comes a pause of the right length", async (_, answer, pauseMs) => {
  const { clock, start } = givenGate();
  const gate = start();
  const pass = await gate.enter();
  const isPause = await pass.note(answer);
  expect(isPause).toBe(pauseMs > 0 && answer.status !== 200);
  const startedAtMs = clock.nowMs;
  await gate.enter();
  expect(clock.nowMs - startedAtMs).toBe(pauseMs);
});

test("guessed pauses double while the service goes on refusing", async () => {
  const { clock, start } = givenGate();
  const gate = start();
  const pauses: number[] = [];
  for (let time = 0; time < 8; time += 1) {
    const startedAtMs = clock.nowMs;
    const pass = await gate.enter();
    pauses.push(clock.nowMs - startedAtMs);
    await pass.note({ status: 429, headers: {} });
    pass.leave();
  }
  expect(pauses).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
});

test("no more requests are under way than are declared, and half as many after one that was too much", async () => {
  const { start } = givenGate({ concurrency: 4 });
  const gate = start();
  const passes = await Promise.all([1, 2, 3, 4].map(() => gate.enter()));
  let entered = false;
  const fifth = gate.enter().then((pass) => {
    entered = true;
    return pass;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(entered).toBe(false);
  // All four were sent before the first of them was refused, so they count once.
  for (const pass of passes) await pass.note({ status: 503, headers: {} });
  for (const pass of passes.slice(0, 3)) pass.leave();
  (await fifth).leave();
  passes[3]?.leave();
  const more = await Promise.all([gate.enter(), gate.enter()]);
  let third = false;
  const last = gate.enter().then((pass) => {
    third = true;
    return pass;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(third).toBe(false);
  for (const pass of more) pass.leave();
  (await last).leave();
});

test("a declared quota is asked for once for many requests, and waited for", async () => {
  const { clock, store, start } = givenGate({ requests: { count: 10, per: "1m" }, concurrency: 100 });
  const gate = start();
  const startedAtMs = clock.nowMs;
  await Promise.all(Array.from({ length: 25 }, async () => (await gate.enter()).leave()));
  expect(clock.nowMs - startedAtMs).toBe(120_000);
  expect(store.takes).toBeLessThanOrEqual(6);
});

test("points are paid for each request, in the order of the requests, and waited for", async () => {
  const { clock, start } = givenGate({ points: { count: 10, per: "1m", cost: 2 } });
  const gate = start();
  const sentAt: number[] = [];
  const startedAtMs = clock.nowMs;
  const send = async (cost?: number): Promise<void> => {
    const pass = await gate.enter(undefined, { cost });
    sentAt.push(clock.nowMs - startedAtMs);
    await pass.note(ok);
    pass.leave();
  };
  await Promise.all([send(), send(5), send(0), send(4), send()]);
  // the store of the test has a fixed window of a minute: 2 + 5 + 0, and 4 + 2 in the next
  expect(sentAt).toEqual([0, 0, 0, 60_000, 60_000]);
});

test("a request that costs more than may come at once is refused instead of waiting for ever", async () => {
  const { start } = givenGate({ points: { count: 10, per: "1m" } });
  const error = await expectFailure(start().enter(undefined, { cost: 6 }));
  expect(error.message).toBe("expected `cost` of a request to `crm` to be a whole number up to 5, got: `6`");
  expect(() => givenGate({ points: { count: 10, per: "1m", cost: 6 } }).start()).toThrow("up to 5");
});

test("who waits can leave, and nobody else is held up", async () => {
  const { start } = givenGate({ concurrency: 1 });
  const gate = start();
  const pass = await gate.enter();
  const controller = new AbortController();
  const reason = new Error("stopped");
  const stopped = gate.enter(controller.signal).catch((error: unknown) => error);
  const next = gate.enter();
  controller.abort(reason);
  expect(await stopped).toBe(reason);
  pass.leave();
  pass.leave();
  (await next).leave();
});

test("trouble of the store reaches who waits, and the gate goes on afterwards", async () => {
  const { store, start } = givenGate();
  const gate = start();
  const read = store.readQuotaBlock.bind(store);
  store.readQuotaBlock = () => Promise.reject(new Error("away"));
  await expect(gate.enter()).rejects.toThrow("away");
  store.readQuotaBlock = read;
  (await gate.enter()).leave();
});

const burst = { endpoints: { header: "Reason", values: ["burst"] } };
const refusedFor = (reason: string, seconds: number): GateAnswer => ({
  status: 429,
  headers: { reason, "retry-after": String(seconds) },
});

test("a pause of one endpoint holds up that endpoint alone, in every process, and one of the quota all of them", async () => {
  const { clock, start } = givenGate({ ...burst, concurrency: 2 });
  const gate = start();
  const startedAtMs = clock.nowMs;
  const sentAt: Record<string, number[]> = {};
  const enter = async (endpoint: string, answer: GateAnswer, from = gate): Promise<void> => {
    const pass = await from.enter(undefined, { endpoint });
    (sentAt[endpoint] ??= []).push(clock.nowMs - startedAtMs);
    await new Promise((resolve) => setImmediate(resolve));
    await pass.note(answer);
    pass.leave();
  };
  // both waited in the queue when the first was refused
  await Promise.all([enter("slow", refusedFor("burst", 30)), enter("fast", ok), enter("slow", ok), enter("fast", ok)]);
  expect(sentAt).toEqual({ slow: [0, 30_000], fast: [0, 0] });
  await enter("slow", refusedFor("burst", 30));
  const other = start();
  await Promise.all([enter("slow", ok, other), enter("fast", ok, other)]);
  expect(sentAt).toEqual({ slow: [0, 30_000, 30_000, 60_000], fast: [0, 0, 30_000] });
  await enter("slow", refusedFor("quota", 10));
  await enter("fast", ok);
  expect(sentAt["fast"]?.at(-1)).toBe(70_000);
});

test("a long pause of an endpoint turns away who wants it, and nobody else", async () => {
  const { start } = givenGate(burst);
  const gate = start();
  await (await gate.enter(undefined, { endpoint: "GET /a" })).note(refusedFor("burst", 3_600));
  const error = await expectFailure(gate.enter(undefined, { endpoint: "GET /a" }));
  expect([error.code, error.retryAfterMs]).toEqual(["CONNECTION_BLOCKED", 3_600_000]);
  expect(error.message).toBe("`GET /a` of `crm` may not be asked for the next 1h");
  (await gate.enter(undefined, { endpoint: "GET /b" })).leave();
});

test("an endpoint is a method and a path without the ids and keys in it", () => {
  expect(toEndpoint("GET", "https://jira.test/rest/api/3/project/PROJ1/statuses?x=1")).toBe(
    "GET /rest/api/*/project/*/statuses",
  );
  expect(toEndpoint("POST", "https://jira.test/rest/api/3/issue/bulkfetch")).toBe("POST /rest/api/*/issue/bulkfetch");
});
