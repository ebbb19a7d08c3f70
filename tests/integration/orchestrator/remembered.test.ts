// A run remembers from one attempt to the next: every attempt gets the same, and nothing is taken for something else.
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineJob } from "../../../src/core/job/job.ts";
import type { JobContext } from "../../../src/core/job/job-context.ts";
import { createWorkerFixture } from "../../support/workers/worker-fixture.ts";

const again = { maxRetries: 1, baseDelay: "1ms", jitter: false } as const;

function busy(): Error {
  return Object.assign(new Error("busy"), { status: 503 });
}

test("two loops of a run over the same keys are two sets, and another attempt does what is left of each", async () => {
  await using fixture = await createWorkerFixture();
  const worked: string[] = [];
  const job = defineJob({
    name: "twice",
    retry: again,
    async execute(ctx) {
      const { attempt } = ctx.run;
      const options = { key: (id: string) => id };
      const down = await ctx.each(["a", "b"], options, async (id) => void worked.push(`down ${id} ${attempt}`));
      const up = await ctx.each(["a", "b"], options, async (id) => {
        if (id === "b" && attempt === 1) throw busy();
        worked.push(`up ${id} ${attempt}`);
      });
      const named = await ctx.each(["a"], { ...options, name: "mail" }, async (id) => void worked.push(`mail ${id}`));
      return [down, up, named].map(({ done, skipped }) => [done, skipped]);
    },
  });
  await fixture.startWorker([job]);
  const runId = await fixture.submit(job);
  expect(await fixture.waitFor(runId)).toMatchObject({
    attempt: 2,
    result: [
      [2, 2],
      [2, 1],
      [1, 0],
    ],
  });
  expect(worked).toEqual(["down a 1", "down b 1", "up a 1", "up b 2", "mail a"]);
  const units = await fixture.store.loadUnits(runId);
  expect(units.map(({ loop, key }) => `${loop} ${key}`)).toEqual(["1 a", "1 b", "2 a", "2 b", "=mail a"]);
});

test("loops that come in another order than before are noticed, and names keep them apart", async () => {
  await using fixture = await createWorkerFixture();
  const create = (name: string, names: readonly (string | undefined)[]) =>
    defineJob({
      name,
      retry: again,
      async execute(ctx) {
        const loop = (index: number) => {
          const given = names[index];
          const options = { key: String, ...(given === undefined ? {} : { name: given }) };
          return index === 0
            ? ctx.each([1, 2], options, async () => {})
            : ctx.each([1, 2], options, () => Promise.resolve());
        };
        const order = ctx.run.attempt === 1 ? [0, 1] : [1, 0];
        const done: number[] = [];
        for (const index of order) done.push((await loop(index)).skipped);
        if (ctx.run.attempt === 1) throw busy();
        return done;
      },
    });
  const jobs = [create("unnamed", []), create("named", ["x", "y"])] as const;
  await fixture.startWorker(jobs);
  expect(await fixture.waitFor(await fixture.submit(jobs[0]))).toMatchObject({
    state: "ERROR",
    error: { code: "WAIT_CHANGED", message: expect.stringContaining("`each:1` of job `unnamed`") },
  });
  expect(await fixture.waitFor(await fixture.submit(jobs[1]))).toMatchObject({ state: "FINISHED", result: [2, 2] });
});

test("a name that is given to two loops is refused", async () => {
  await using fixture = await createWorkerFixture();
  const job = defineJob({
    name: "same",
    async execute(ctx) {
      for (let count = 0; count < 2; count += 1) await ctx.each(["a"], { key: String, name: "x" }, async () => {});
    },
  });
  await fixture.startWorker([job]);
  const { error } = await fixture.waitFor(await fixture.submit(job));
  expect(error).toMatchObject({
    code: "VALUE_INVALID",
    message: "expected each name of ctx.each to be given once, got twice: `x`",
  });
});

// Node strips types, so a job may call with anything.
type Untyped = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

const item = async (): Promise<void> => {};
const wrong: readonly (readonly [call: string, args: readonly unknown[], message: string])[] = [
  [
    "each",
    [[1], { key: (id: number) => id }, item],
    "`key of ctx.each` to be a function that gives a text for each item, got: `1 (number)`",
  ],
  ["each", [[1], { key: () => undefined }, item], "got: `undefined (undefined)`"],
  ["each", [[1], { key: () => 7n }, item], "got: `7 (bigint)`"],
  ["each", [[1], { key: () => new Date(0) }, item], "got: `Date`"],
  ["each", [[1], { key: "id" }, item], "expected `key of ctx.each` to be a function, got: `id`"],
  ["each", [[1], item], "expected `key of ctx.each` to be a function"],
  ["each", [[1], { key: String }], "expected `work of ctx.each` to be a function"],
  ["each", [undefined, { key: String }, item], "expected `items of ctx.each` to be a list or an iterable"],
  [
    "each",
    [[1], { key: String, onItemError: "skip" }, item],
    "expected `onItemError of ctx.each` to be `continue` or `fail`, got: `skip`",
  ],
  [
    "each",
    [[1], { key: String, name: 7 }, item],
    "expected `name of ctx.each` to be a text of 1 to 500 characters, got: `7 (number)`",
  ],
  ["step", [1, item], "expected `name of a step` to be a text of 1 to 500 characters, got: `1 (number)`"],
  ["step", ["s"], "expected `work of ctx.step` to be a function"],
  ["sleep", ["1ms", { name: 1 }], "expected `name of ctx.wait` to be a text"],
  ["sleep", [1_000], "expected `duration` to be a duration, got: `1000`"],
  ["waitFor", [{ every: 5 }, item], "expected `every` to be a duration, got: `5`"],
  ["waitFor", [{ every: "1s" }], "expected `probe of ctx.waitFor` to be a function"],
  ["spawn", [7, {}], "expected `job of ctx.spawn` to be the name of a job, or a job, got: `7 (number)`"],
  ["spawn", ["child", ["a"]], "expected `params of ctx.spawn` to be an object"],
  ["spawn", ["child", {}, { name: 3 }], "expected `name of ctx.spawn` to be a text"],
];

test.each(wrong)("`ctx.%s` refuses by name what types would have told: %o", async (call, args, message) => {
  await using fixture = await createWorkerFixture();
  const execute = (ctx: JobContext): unknown => (ctx as unknown as Untyped)[call]?.(...args);
  const job = defineJob({ name: "untyped", spawns: ["child"], execute });
  await fixture.startWorker([job]);
  const { error } = await fixture.waitFor(await fixture.submit(job));
  expect(error).toMatchObject({ code: "VALUE_INVALID", message: expect.stringContaining(message) });
});

test("every attempt gets the same from its steps and waits, whatever they return", async () => {
  await using fixture = await createWorkerFixture();
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
  });
  const values = fc.sample(anything, { numRuns: 150, seed: 7 });
  const got: unknown[][] = [];
  const job = defineJob({
    name: "steps",
    retry: again,
    async execute(ctx) {
      const results: unknown[] = [];
      got.push(results);
      for (const [index, value] of values.entries()) results.push(await ctx.step(`s${index}`, () => value));
      results.push(await ctx.waitFor({ every: "1s" }, () => ({ at: new Date(0), none: undefined, big: 7n })));
      if (ctx.run.attempt === 1) throw busy();
    },
  });
  await fixture.startWorker([job]);
  expect(await fixture.waitFor(await fixture.submit(job))).toMatchObject({ state: "FINISHED", attempt: 2 });
  expect(got[0]).toEqual(got[1]);
  expect(got[0]?.at(-1)).toEqual({ at: "1970-01-01T00:00:00.000Z", big: "7" });
});

test("what has no end as JSON is refused by name", async () => {
  await using fixture = await createWorkerFixture();
  const round: Record<string, unknown> = {};
  round["self"] = round;
  const calls: Readonly<Record<string, (ctx: JobContext) => Promise<unknown>>> = {
    "result of step `s`": (ctx) => ctx.step("s", () => round),
    "result of wait `w`": (ctx) => ctx.waitFor({ every: "1s", name: "w" }, () => round),
    checkpoint: (ctx) => ctx.checkpoint.save(round),
  };
  const jobs = Object.values(calls).map((execute, index) => defineJob({ name: `round_${index}`, execute }));
  await fixture.startWorker(jobs);
  for (const [index, job] of jobs.entries()) {
    const { error } = await fixture.waitFor(await fixture.submit(job));
    const message = `${Object.keys(calls)[index]} cannot be stored as JSON`;
    expect(error).toMatchObject({ code: "CHECKPOINT_INVALID", message });
  }
});

test("a job is spawned by its name or as it is", async () => {
  await using fixture = await createWorkerFixture();
  const child = defineJob({ name: "child", execute: (ctx) => ctx.params });
  const parent = defineJob({
    name: "parent",
    spawns: [child],
    async execute(ctx) {
      const runs = [await ctx.spawn(child, { n: 1 }), await ctx.spawn("child", { n: 2 })];
      return [await runs[0]?.result(), await runs[1]?.result()];
    },
  });
  await fixture.startWorker([child, parent]);
  expect(await fixture.waitFor(await fixture.submit(parent))).toMatchObject({ result: [{ n: 1 }, { n: 2 }] });
});
