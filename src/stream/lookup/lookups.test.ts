import { expect, test, vi } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import type { ServiceConnection } from "../../core/connection/service-connection.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { defineLookup, type LookupOptions } from "../../core/stream/lookup.ts";
import { createLookups } from "./lookups.ts";

const quiet = { info: () => undefined, warn: () => undefined };

interface TestTime {
  nowMs: number;
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  readonly due: { readonly atMs: number; readonly wake: () => void }[];
  pass(ms: number): void;
}

/** Time that passes when a test says so. */
function createTime(): TestTime {
  return {
    nowMs: 1_000_000,
    due: [],
    now() {
      return this.nowMs;
    },
    async sleep(ms, signal) {
      await new Promise<void>((wake) => {
        signal?.addEventListener("abort", () => wake(), { once: true });
        this.due.push({ atMs: this.nowMs + ms, wake });
      });
    },
    pass(ms) {
      this.nowMs += ms;
      for (const { atMs, wake } of this.due) if (atMs <= this.nowMs) wake();
    },
  };
}

function given(
  options: Partial<LookupOptions<string, string>> = {},
  report: (error: MillraceError | undefined) => Promise<number> = () => Promise.resolve(0),
) {
  const time = createTime();
  const stop = new AbortController();
  const calls: (readonly string[])[] = [];
  const { load, ...others } = options;
  const lookup = defineLookup<string, string>({
    name: "users",
    ...others,
    load: async (keys, ctx) => {
      calls.push(keys);
      if (load !== undefined) return await load(keys, ctx);
      return new Map(keys.filter((key) => key !== "nobody").map((key) => [key, `${key}@example.org`]));
    },
  });
  const connection = { name: "crm" } as ServiceConnection;
  const ask = createLookups({
    clock: time,
    signal: stop.signal,
    log: quiet,
    connect: () => connection,
    watch: { restMs: () => 0, report },
  });
  return { time, calls, stop, lookup, get: (key: string) => ask(lookup, key) };
}

test("keys of the same moment go in one call, equal ones once", async () => {
  const { get, calls } = given();
  const values = await Promise.all(["a", "b", "a", "c", "b"].map(get));
  expect(calls).toEqual([["a", "b", "c"]]);
  expect(values.map((value) => value?.[0])).toEqual(["a", "b", "a", "c", "b"]);
});

test("a key that is asked for while its answer is on its way waits for that one", async () => {
  const answer = Promise.withResolvers<Map<string, string>>();
  const { get, calls } = given({ load: () => answer.promise });
  const first = get("a");
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  const second = get("a");
  answer.resolve(new Map([["a", "one"]]));
  expect([await first, await second, calls.length]).toEqual(["one", "one", 1]);
});

test("values are remembered for their time, and that there is none for a shorter one", async () => {
  const { get, calls, time } = given({ ttl: "1m", negativeTtl: "5s" });
  await Promise.all([get("a"), get("nobody")]);
  expect([await get("a"), await get("nobody")]).toEqual(["a@example.org", undefined]);
  expect(calls).toHaveLength(1);
  time.pass(5_000);
  await Promise.all([get("a"), get("nobody")]);
  expect(calls.at(-1)).toEqual(["nobody"]);
  time.pass(55_000);
  await get("a");
  expect(calls.at(-1)).toEqual(["a"]);
  time.nowMs -= 3_600_000; // somebody puts the clock back
  await get("a");
  expect(calls).toHaveLength(4);
});

test("no more keys are remembered than the bound; what was not used for longest goes first", async () => {
  const { get, calls } = given({ maxKeys: 2 });
  for (const key of ["a", "b", "a", "c", "a", "b"]) await get(key);
  expect(calls).toEqual([["a"], ["b"], ["c"], ["b"]]);
});

test("no call has more keys than its bound, and no more calls are under way than theirs", async () => {
  const answers: (() => void)[] = [];
  let most = 0;
  let underWay = 0;
  const { get, calls } = given({
    batch: { max: 2 },
    concurrency: 2,
    load: async (keys) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise<void>((resolve) => answers.push(resolve));
      underWay -= 1;
      return new Map(keys.map((key) => [key, key]));
    },
  });
  const all = Promise.all(["a", "b", "c", "d", "e", "f", "g"].map(get));
  for (let answered = 0; answered < 4; answered += 1) {
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(answered));
    answers[answered]?.();
  }
  expect(await all).toHaveLength(7);
  expect([most, calls.map((keys) => keys.length)]).toEqual([2, [2, 2, 2, 1]]);
});

test("a call waits for more keys as long as it is told to", async () => {
  const { get, calls, time } = given({ batch: { wait: "20ms" } });
  const first = get("a");
  await vi.waitFor(() => expect(time.due).toHaveLength(1));
  const second = get("b");
  expect(calls).toEqual([]);
  time.pass(20);
  await Promise.all([first, second]);
  expect(calls).toEqual([["a", "b"]]);
});

test("a call that takes too long is given up, and its signal says so", async () => {
  let reason: unknown;
  const { get, time, calls } = given({
    timeout: "5s",
    load: (_, { signal }) => {
      signal.addEventListener("abort", () => (reason = signal.reason));
      return new Promise(() => undefined);
    },
  });
  const failed = expectFailure(get("slow"));
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  time.pass(5_000);
  const error = await failed;
  expect([error.code, error.disposition]).toEqual(["LOOKUP_FAILED", "retry"]);
  expect(error.message).toBe("lookup `users`: no answer within 5s");
  expect(reason).toBeInstanceOf(MillraceError);
});

test("a failed call is told to the breaker once, for all that wait, and is not remembered", async () => {
  const reports: (string | undefined)[] = [];
  let isDown = true;
  const { get, calls } = given(
    {
      connection: "crm",
      load: (keys) =>
        isDown
          ? Promise.reject(new MillraceError("SERVICE_UNAVAILABLE", "down"))
          : Promise.resolve(new Map(keys.map((key) => [key, key]))),
    },
    (error) => {
      reports.push(error === undefined ? undefined : `${error.code} of ${String(error.details?.["connection"])}`);
      return Promise.resolve(0);
    },
  );
  const errors = await Promise.all(["a", "b", "c"].map((key) => expectFailure(get(key))));
  expect(errors.map(({ code, disposition, errorClass }) => [code, disposition, errorClass])).toEqual(
    Array.from({ length: 3 }, () => ["LOOKUP_FAILED", "retry", "unknown"]),
  );
  isDown = false;
  expect(await get("a")).toBe("a");
  expect([reports, calls.length]).toEqual([["SERVICE_UNAVAILABLE of crm", undefined], 2]);
});

test("an open breaker holds all back without asking, and one call tries again when its time has come", async () => {
  let isDown = true;
  const { get, calls, time } = given(
    {
      connection: "crm",
      load: (keys) =>
        isDown
          ? Promise.reject(new MillraceError("SERVICE_UNAVAILABLE", "down"))
          : Promise.resolve(new Map(keys.map((key) => [key, key]))),
    },
    (error) => Promise.resolve(error === undefined ? 0 : 60_000),
  );
  const first = await expectFailure(get("a"));
  const second = await expectFailure(get("b"));
  expect([first.code, first.retryAfterMs, second.code, second.retryAfterMs]).toEqual([
    "CONNECTION_BLOCKED",
    60_000,
    "CONNECTION_BLOCKED",
    60_000,
  ]);
  expect(calls).toHaveLength(1);
  time.pass(60_000);
  isDown = false;
  expect(await Promise.all(["a", "b"].map(get))).toEqual(["a", "b"]);
});

test("a pause that the service asked for holds all back, too", async () => {
  const { get, calls, time } = given({
    load: () => Promise.reject(new MillraceError("CONNECTION_BLOCKED", "nothing may be sent", { retryAfterMs: 5_000 })),
  });
  expect((await expectFailure(get("a"))).code).toBe("CONNECTION_BLOCKED");
  time.pass(4_999);
  expect((await expectFailure(get("a"))).retryAfterMs).toBe(1);
  expect(calls).toHaveLength(1);
});

test("what `load` does wrong is no news of a connection and fails for good", async () => {
  const { get } = given({ load: () => Promise.reject(new TypeError("keys.map is no function")) });
  const error = await expectFailure(get("a"));
  expect([error.code, error.disposition]).toEqual(["LOOKUP_FAILED", "fail"]);
});

test("a stop of the run ends calls for its reason", async () => {
  const { get, stop, calls } = given({
    load: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      }),
  });
  const failed = expectFailure(get("a"));
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  stop.abort(new MillraceError("RUN_STOPPED", "stopped"));
  expect((await failed).code).toBe("RUN_STOPPED");
});

test("a look-up without a connection says so to whoever asks for it", async () => {
  const { get } = given({ load: (_, ctx) => Promise.resolve(new Map([[ctx.connection.name, "x"]])) });
  expect((await expectFailure(get("a"))).message).toBe("lookup `users`: it names no connection");
});

test("a definition that is wrong is refused with the option", () => {
  expect(() => defineLookup({ name: "users", load: () => Promise.resolve(new Map()), maxKeys: 0 })).toThrow("maxKeys");
});
