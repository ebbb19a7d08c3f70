import { expect, test, vi } from "vitest";
import { z } from "zod";
import { MillraceError } from "../errors/errors.ts";
import { defineJob, type Job } from "./job.ts";
import type { JobContext } from "./job-context.ts";
import { cancel, done, partial, snooze } from "./outcome.ts";
import { type AttemptEnd, type RunJobInput, runJob } from "./run-job.ts";

interface Options extends Partial<RunJobInput> {
  readonly signal?: AbortSignal;
}

async function run(job: Job, options: Options = {}): Promise<AttemptEnd> {
  const signal = options.signal ?? new AbortController().signal;
  return runJob({
    job,
    config: undefined,
    params: {},
    createContext: ({ config, params }) => ({ config, params, signal }) as JobContext,
    onDroppedParam: () => undefined,
    windDown: () => Promise.resolve(),
    ...options,
  });
}

test("a plain result, `done` and `partial` finish the run", async () => {
  const ends = await Promise.all(
    [(): unknown => 7, () => done(7), () => partial(7, ["item x"])].map((execute) =>
      run(defineJob({ name: "j", execute })),
    ),
  );
  expect(ends.map((end) => (end.end === "finished" ? end.outcome : end.end))).toEqual([
    { outcome: "done", result: 7 },
    { outcome: "done", result: 7 },
    { outcome: "partial", result: 7, failures: ["item x"] },
  ]);
});

test("`snooze` parks, `cancel` fails without a retry", async () => {
  expect(await run(defineJob({ name: "j", execute: () => snooze("5m") }))).toMatchObject({
    end: "snoozed",
    delayMs: 300_000,
  });
  expect(await run(defineJob({ name: "j", execute: () => cancel("no need") }))).toMatchObject({
    end: "failed",
    error: { code: "JOB_CANCELLED", disposition: "cancel" },
  });
});

test("a service that asks for a long pause parks the run, and nothing has failed", async () => {
  const onFailure = vi.fn<() => void>();
  const execute = (): never => {
    throw new MillraceError("CONNECTION_BLOCKED", "nothing may be sent for 1h", { retryAfterMs: 3_600_000 });
  };
  expect(await run(defineJob({ name: "j", execute, onFailure }))).toEqual({
    end: "snoozed",
    delayMs: 3_600_000,
    wait: { kind: "service", because: "nothing may be sent for 1h" },
    warnings: [],
  });
  expect(onFailure).not.toHaveBeenCalled();
});

test("a user's own object with an `outcome` field is a plain result", async () => {
  const end = await run(defineJob({ name: "j", execute: () => ({ outcome: "cancel", reason: "mine" }) }));
  expect(end).toMatchObject({ end: "finished", outcome: { outcome: "done", result: { outcome: "cancel" } } });
});

test("config and params are checked before `execute`, which sees only declared params", async () => {
  const execute = vi.fn<(ctx: JobContext) => unknown>();
  const dropped: string[] = [];
  const job = defineJob({ name: "j", params: z.object({ day: z.string() }), execute });
  await run(job, { params: { day: "x", extra: 1 }, onDroppedParam: (name) => dropped.push(name) });
  expect(dropped).toEqual(["extra"]);
  expect(execute.mock.calls[0]?.[0].params).toEqual({ day: "x" });
  const end = await run(job, { params: { day: 3 } });
  expect(end).toMatchObject({
    end: "failed",
    error: { code: "PARAMS_INVALID", message: expect.stringContaining("params of job `j`: `day`: ") },
  });
  expect(execute).toHaveBeenCalledTimes(1);
});

test("a failure of a hook is a warning and never changes the end", async () => {
  const bad = (): never => {
    throw new Error("mail server away");
  };
  const finished = await run(defineJob({ name: "j", execute: () => 1, onSuccess: bad }));
  expect(finished).toMatchObject({ end: "finished", warnings: ["`onSuccess` failed: mail server away"] });
  const failed = await run(defineJob({ name: "j", execute: bad, onFailure: bad }));
  expect(failed).toMatchObject({
    end: "failed",
    error: { message: "mail server away" },
    warnings: ["`onFailure` failed: mail server away"],
  });
});

test("a thrown non-error becomes one, with advice", async () => {
  const end = await run(
    defineJob({
      name: "j",
      execute: () => {
        // oxlint-disable-next-line only-throw-error -- what is tested
        throw "oops";
      },
    }),
  );
  expect(end).toMatchObject({
    end: "failed",
    error: { code: "JOB_THREW_NON_ERROR", hint: expect.stringContaining("throw an Error") },
  });
});

test("a result that JSON cannot hold fails the run with advice", async () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  for (const [result, place] of [
    [loop, "`self` refers back to what it is in"],
    [1n, "it is a bigint"],
    [{ day: new Date(0), orders: [{ total: 1 }, { total: 2n }] }, "`orders.1.total` is a bigint"],
  ] as const) {
    expect(await run(defineJob({ name: "j", execute: () => result }))).toMatchObject({
      end: "failed",
      error: { code: "JOB_RESULT_INVALID", message: `result of job \`j\` cannot be stored as JSON: ${place}` },
    });
  }
});

test("a result that is too large for the history fails the run with advice", async () => {
  const end = await run(defineJob({ name: "j", execute: () => "x".repeat(1_100_000) }));
  expect(end).toMatchObject({
    end: "failed",
    error: { code: "JOB_RESULT_INVALID", hint: expect.stringContaining("dataset") },
  });
});

test("an aborted handler ends with the reason of the abort, also when it ignores its signal", async () => {
  const control = new AbortController();
  const onFailure = vi.fn<() => void>();
  const job = defineJob({ name: "j", execute: () => new Promise(() => undefined), onFailure });
  const running = run(job, { signal: control.signal });
  control.abort(new MillraceError("RUN_STOPPED", "stopped by a person"));
  expect(await running).toMatchObject({ end: "failed", error: { code: "RUN_STOPPED" } });
  expect(onFailure).toHaveBeenCalledTimes(1);
});

test("work that ends while the worker shuts down counts, and a released run calls no hook", async () => {
  const control = new AbortController();
  const work = Promise.withResolvers<number>();
  const onFailure = vi.fn<() => void>();
  const released = new MillraceError("RUN_RELEASED", "worker shuts down");
  const finishing = run(defineJob({ name: "j", execute: () => work.promise, onFailure }), {
    signal: control.signal,
    windDown: () => new Promise(() => undefined),
  });
  const hanging = run(defineJob({ name: "j", execute: () => new Promise(() => undefined), onFailure }), {
    signal: control.signal,
  });
  control.abort(released);
  work.resolve(5);
  expect(await finishing).toMatchObject({ end: "finished", outcome: { result: 5 } });
  expect(await hanging).toMatchObject({ end: "failed", error: { code: "RUN_RELEASED" } });
  expect(onFailure).not.toHaveBeenCalled();
});

test("what the context told the handler to leave with counts, whatever the handler made of it", async () => {
  const told = new MillraceError("RUN_SNOOZED", "the run waits", { retryAfterMs: 50 });
  const onFailure = vi.fn();
  const onSuccess = vi.fn();
  const hooks = { name: "j", onFailure, onSuccess } as const;
  const swallow = defineJob({ ...hooks, execute: () => "finished all the same" });
  const wrap = defineJob({
    ...hooks,
    execute: () => {
      throw new Error("wrapped", { cause: told });
    },
  });
  for (const job of [swallow, wrap]) {
    expect(await run(job, { told: () => told })).toEqual({ end: "snoozed", delayMs: 50, warnings: [] });
  }
  expect(onFailure).not.toHaveBeenCalled();
  expect(onSuccess).not.toHaveBeenCalled();
  const paused = new MillraceError("RUN_PAUSED", "paused by ada");
  expect(await run(swallow, { told: () => paused })).toEqual({ end: "paused", warnings: [] });
  const stopped = AbortSignal.abort(new MillraceError("RUN_STOPPED", "stopped by ada"));
  expect(await run(swallow, { told: () => paused, signal: stopped })).toMatchObject({
    end: "failed",
    error: { code: "RUN_STOPPED" },
  });
});
